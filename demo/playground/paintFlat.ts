// Paints from numbers with a 2D canvas: where there is no WebGPU. The same pictures, a few times a second.
import type { Tensor } from "gpugrad";
import { kindOf, LINES, type Painter, rangeAfter, resize, type Scene } from "./paint.ts";
import type { Canvases, Color, Rect } from "./protocol.ts";

type Numbers = ArrayLike<number>;

export function flatPainter(canvases: Canvases): Painter {
  const contexts = {
    map: canvases.map.getContext("2d") as OffscreenCanvasRenderingContext2D,
    units: canvases.units.getContext("2d") as OffscreenCanvasRenderingContext2D,
    space: canvases.space.getContext("2d") as OffscreenCanvasRenderingContext2D,
  };
  let scene: Scene;
  let small: OffscreenCanvas;

  /** Draws a map place by place, then makes it as large as `rect`. */
  const field = (context: OffscreenCanvasRenderingContext2D, rect: Rect, colorOf: (place: number) => Color) => {
    const { side } = scene;
    const image = new ImageData(side, side);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const [r, g, b] = colorOf((side - 1 - row) * side + column);
        image.data.set([255 * r, 255 * g, 255 * b, 255], 4 * (row * side + column));
      }
    }
    small.getContext("2d")?.putImageData(image, 0, 0);
    const half = 0.5; // from the middle of the first place to the middle of the last
    context.drawImage(small, half, half, side - 1, side - 1, rect.x, rect.y, rect.width, rect.height);
  };
  const signed = (value: number): Color => {
    const { surface, below, above } = scene.looks.palette;
    return mixed(surface, value < 0 ? below : above, 0.9 * Math.min(1, Math.abs(value)));
  };
  const clear = (name: keyof Canvases) => {
    contexts[name].fillStyle = css(scene.looks.palette.surface);
    contexts[name].fillRect(0, 0, canvases[name].width, canvases[name].height);
  };

  return {
    prepare(next) {
      scene = next;
      resize(canvases, scene.looks);
      if (small?.width !== scene.side) small = new OffscreenCanvas(scene.side, scene.side);
    },
    async map({ shown }) {
      const values: Numbers = await shown.read();
      const { points, looks } = scene;
      const { surface, classes } = looks.palette;
      const kind = kindOf(points);
      field(contexts.map, { x: 0, y: 0, ...looks.map }, (place) => {
        if (kind === 0) return signed(values[place] as number);
        const count = kind === 1 ? 2 : points.classes;
        const of = (c: number) => {
          if (kind === 2) return values[place * count + c] as number;
          return c === 1 ? (values[place] as number) : 1 - (values[place] as number);
        };
        const order = Array.from({ length: count }, (_, c) => c).sort((a, b) => of(b) - of(a));
        const [best = 0, second = 0] = order;
        return mixed(surface, classes[best] as Color, 0.1 + 0.5 * (of(best) - of(second)));
      });
    },
    async units({ units, reach }) {
      const read = await Promise.all([...units, ...reach].map((tensor) => tensor.read()));
      clear("units");
      let at = 0;
      units.forEach((_, layer) => {
        const [values, most] = [read[layer] as Numbers, read[units.length + layer] as Numbers];
        const count = scene.settings.layers[layer] as number;
        for (let unit = 0; unit < count; unit++, at++) {
          const rect = scene.looks.units.tiles[at];
          const size = most[unit] as number;
          if (!rect) continue;
          field(contexts.units, rect, (place) =>
            size > 1e-6
              ? signed(((values[place * count + unit] as number) - scene.middle) / size)
              : mixed(scene.looks.palette.surface, scene.looks.palette.line, 0.6),
          );
        }
      });
    },
    async space(space) {
      const { before, beforeGrid, beforeRange, after, afterGrid, afterRange, last, lastRange } = space;
      const all = [before, beforeGrid, beforeRange, after, afterGrid, afterRange, last, lastRange];
      const [z, zGrid, zRange, a, aGrid, aRange, end, endRange] = (await Promise.all(
        all.map((tensor: Tensor) => tensor.read()),
      )) as Numbers[];
      const { looks, settings, points, side } = scene;
      const context = contexts.space;
      clear("space");
      const columns = settings.layers[looks.space.layer - 1] ?? 1;
      const panels = [
        { values: z, range: zRange, grid: zGrid, columns, pair: looks.space.pair, fixed: undefined },
        { values: a, range: aRange, grid: aGrid, columns, pair: looks.space.pair, fixed: rangeAfter(settings) },
        {
          ...{
            values: end,
            range: endRange,
            grid: undefined,
            columns: Math.max(2, points.classes),
            pair: [0, 1] as const,
          },
          fixed: points.classes > 2 ? ([-0.04, 1.04] as const) : undefined,
        },
      ];
      panels.forEach(({ values, range, grid, columns, pair, fixed }, p) => {
        const rect = looks.space.panels[p];
        if (!rect || !values || !range) return;
        const along = (axis: 0 | 1, value: number) => {
          const column = pair[axis];
          const [low, high] = [range[column] as number, range[columns + column] as number];
          const rim = Math.max(0.06 * (high - low), 1e-3);
          const [from, to] = fixed ?? [low - rim, high + rim];
          return (value - from) / (to - from);
        };
        const at = (x: number, y: number) =>
          [rect.x + along(0, x) * rect.width, rect.y + (1 - along(1, y)) * rect.height] as const;
        const row = (of: Numbers, i: number) =>
          at(of[i * columns + pair[0]] as number, of[i * columns + pair[1]] as number);
        context.save();
        context.beginPath();
        context.rect(rect.x, rect.y, rect.width, rect.height);
        context.clip();
        context.lineWidth = looks.density;
        context.strokeStyle = css(looks.palette.line);
        const every = (side - 1) / (LINES - 1);
        for (let line = 0; grid && line < 2 * LINES; line++) {
          context.beginPath();
          for (let v = 0; v < side; v++) {
            const i = line < LINES ? line * every * side + v : (line - LINES) * every + v * side;
            context.lineTo(...row(grid, i));
          }
          context.stroke();
        }
        const radius = 3.4 * looks.density;
        for (let i = 0; i < points.count; i++) {
          const [x, y] = row(values, i);
          const label = points.y[i] as number;
          const color = points.task === "values" ? signed(label * 1.1) : (looks.palette.classes[label] as Color);
          context.fillStyle = css(color);
          context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
        }
        context.restore();
      });
    },
    done: () => Promise.resolve(),
  };
}

const mixed = (a: Color, b: Color, part: number): Color => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
];

const css = ([r, g, b]: Color) => `rgb(${255 * r} ${255 * g} ${255 * b})`;
