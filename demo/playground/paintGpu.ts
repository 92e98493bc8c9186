// Paints with WebGPU, on the device that trains: the fragment shaders read the results of compiled functions where they lie.
import { gpuBufferOf, type Tensor } from "gpugrad";
import { kindOf, LINES, type Painter, rangeAfter, resize, type Scene } from "./paint.ts";
import type { Canvases, Color, Rect, Size } from "./protocol.ts";
import { mapShader, spaceShader, unitShader } from "./shaders.ts";
import { copiedSurface, directSurface, type Surface } from "./surface.ts";

const LOOK_BYTES = 11 * 16 + 32;
const TILE_BYTES = 24;
const PANEL_BYTES = 80;

/** `isCopied`: the browser cannot show what this device paints, so finished pictures go through memory of the host. */
export function gpuPainter(device: GPUDevice, canvases: Canvases, { isCopied }: { isCopied: boolean }): Painter {
  const surfaceOf = isCopied ? copiedSurface : directSurface;
  const surfaces: Readonly<Record<keyof Canvases, Surface>> = {
    map: surfaceOf(device, canvases.map),
    units: surfaceOf(device, canvases.units),
    space: surfaceOf(device, canvases.space),
  };
  const { format } = surfaces.map;
  const pipeline = (
    code: GPUShaderModule,
    [vertex, fragment]: readonly [string, string],
    topology: GPUPrimitiveTopology,
    constants: Record<string, number> = {},
    layout: GPUPipelineLayout | "auto" = "auto",
  ) =>
    device.createRenderPipeline({
      layout,
      vertex: { module: code, entryPoint: vertex },
      fragment: {
        module: code,
        entryPoint: fragment,
        constants,
        targets: [
          {
            format,
            blend: {
              color: { srcFactor: "one", dstFactor: "one-minus-src-alpha" },
              alpha: { srcFactor: "one", dstFactor: "one-minus-src-alpha" },
            },
          },
        ],
      },
      primitive: { topology },
    });
  const module = (code: string) => device.createShaderModule({ code });
  const mapModule = module(mapShader);
  /** One for each kind of map, made when it is wanted: a constant leaves the others' code out. */
  const mapPipelines: Partial<Record<0 | 1 | 2, GPURenderPipeline>> = {};
  const mapPipeline = () => {
    const kind = kindOf(scene.points);
    mapPipelines[kind] ??= pipeline(mapModule, ["corner", "pixel"], "triangle-list", { KIND: kind });
    return mapPipelines[kind];
  };
  const unitPipeline = pipeline(module(unitShader), ["corner", "pixel"], "triangle-strip");
  const all = GPUShaderStage.VERTEX | GPUShaderStage.FRAGMENT;
  const spaceLayout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: all, buffer: { type: "uniform" } },
      ...[1, 2, 3].map((binding) => ({
        binding,
        visibility: GPUShaderStage.VERTEX,
        buffer: { type: "read-only-storage" as const },
      })),
      { binding: 4, visibility: all, buffer: { type: "uniform" } },
    ],
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [spaceLayout] });
  const spaceModule = module(spaceShader);
  const dots = pipeline(spaceModule, ["dot_corner", "dot_pixel"], "triangle-strip", {}, layout);
  const lines = pipeline(spaceModule, ["line_end", "line_pixel"], "line-strip", {}, layout);
  const curve = pipeline(spaceModule, ["curve_end", "curve_pixel"], "line-strip", {}, layout);

  const buffer = (size: number, usage: GPUBufferUsageFlags) =>
    device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
  const look = buffer(LOOK_BYTES, GPUBufferUsage.UNIFORM);
  const panels = [0, 1, 2].map(() => buffer(PANEL_BYTES, GPUBufferUsage.UNIFORM));
  const tiles = buffer(TILE_BYTES * 96, GPUBufferUsage.STORAGE);
  let labels = buffer(4, GPUBufferUsage.STORAGE);
  let scene: Scene;

  /** Bind groups of this run, by the buffers in them: functions give the same ones run after run. */
  let groups = new Map<string, GPUBindGroup>();
  const ids = new WeakMap<GPUBuffer, number>();
  let nextId = 0;
  const idOf = (one: GPUBuffer) => {
    const id = ids.get(one) ?? nextId++;
    ids.set(one, id);
    return id;
  };
  const group = (of: GPUBindGroupLayout, name: string, buffers: readonly GPUBuffer[]): GPUBindGroup => {
    const key = [name, ...buffers.map(idOf)].join();
    const known =
      groups.get(key) ??
      device.createBindGroup({
        layout: of,
        entries: buffers.map((one, binding) => ({ binding, resource: { buffer: one } })),
      });
    groups.set(key, known);
    return known;
  };
  const under = (tensor: Tensor) => gpuBufferOf(tensor) as GPUBuffer;

  const draw = (name: keyof Canvases, paint: (pass: GPURenderPassEncoder) => void) => {
    const encoder = device.createCommandEncoder();
    const [r, g, b] = scene.looks.palette.surface;
    const view = surfaces[name].view();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view, loadOp: "clear", storeOp: "store", clearValue: { r, g, b, a: 1 } }],
    });
    paint(pass);
    pass.end();
    surfaces[name].after(encoder);
    device.queue.submit([encoder.finish()]);
  };

  return {
    prepare(next) {
      const isOther = !scene || scene.points !== next.points || scene.settings !== next.settings;
      scene = next;
      resize(canvases, scene.looks);
      device.queue.writeBuffer(look, 0, lookData(scene));
      device.queue.writeBuffer(tiles, 0, tileData(scene));
      scene.looks.space.panels.forEach((rect, i) => {
        device.queue.writeBuffer(panels[i] as GPUBuffer, 0, panelData(scene, rect, i));
      });
      if (!isOther) return;
      groups = new Map();
      labels.destroy();
      labels = buffer(4 * scene.points.count, GPUBufferUsage.STORAGE);
      device.queue.writeBuffer(labels, 0, scene.points.y as Float32Array<ArrayBuffer>);
    },
    map({ shown }) {
      draw("map", (pass) => {
        const chosen = mapPipeline();
        pass.setPipeline(chosen);
        pass.setBindGroup(0, group(chosen.getBindGroupLayout(0), "map", [look, under(shown)]));
        pass.draw(3);
      });
    },
    units({ units, reach }) {
      draw("units", (pass) => {
        pass.setPipeline(unitPipeline);
        let first = 0;
        units.forEach((unit, i) => {
          const buffers = [look, under(unit), under(reach[i] as Tensor), tiles];
          const count = scene.settings.layers[i] as number;
          pass.setBindGroup(0, group(unitPipeline.getBindGroupLayout(0), "units", buffers));
          pass.draw(4, count, 0, first);
          first += count;
        });
      });
    },
    space(space) {
      const { before, beforeGrid, beforeRange, after, afterGrid, afterRange, last, lastRange } = space;
      const { points, side } = scene;
      draw("space", (pass) => {
        const table = [
          [before, beforeRange, beforeGrid],
          [after, afterRange, afterGrid],
          [last, lastRange, undefined],
        ] as const;
        table.forEach(([values, range, grid], i) => {
          const rect = scene.looks.space.panels[i];
          if (!rect) return;
          pass.setScissorRect(...inside(rect, scene.looks.space));
          const bind = (of: Tensor) =>
            pass.setBindGroup(
              0,
              group(spaceLayout, "space", [look, under(of), under(range), labels, panels[i] as GPUBuffer]),
            );
          if (grid) {
            pass.setPipeline(lines);
            bind(grid);
            pass.draw(side, 2 * LINES);
          } else if (points.task === "values" || points.classes === 2) {
            pass.setPipeline(curve);
            bind(values);
            pass.draw(64);
          }
          pass.setPipeline(dots);
          bind(values);
          pass.draw(4, points.count);
        });
      });
    },
    done: () => Promise.all(Object.values(surfaces).map((surface) => surface.done())),
  };
}

function lookData({ looks: { palette, density }, side, points, middle }: Scene): ArrayBuffer {
  const data = new ArrayBuffer(LOOK_BYTES);
  const floats = new Float32Array(data);
  const { surface, ink, line, below, above, classes } = palette;
  [surface, ink, line, below, above, ...classes].forEach((color: Color, i) => {
    floats.set([...color, 1], 4 * i);
  });
  new Uint32Array(data).set([side, points.classes, kindOf(points)], 44);
  floats.set([density, middle], 47);
  return data;
}

/** A rectangle of a picture in clip space: lower left, upper right. */
function clip({ x, y, width, height }: Rect, of: Size): [number, number, number, number] {
  const across = (at: number) => (2 * at) / of.width - 1;
  const up = (at: number) => 1 - (2 * at) / of.height;
  return [across(x), up(y + height), across(x + width), up(y)];
}

function tileData({ looks: { units }, settings: { layers } }: Scene): ArrayBuffer {
  const data = new ArrayBuffer(Math.max(4, units.tiles.length * TILE_BYTES));
  let at = 0;
  for (const count of layers) {
    for (let unit = 0; unit < count; unit++, at++) {
      const tile = units.tiles[at];
      if (!tile) return data;
      new Float32Array(data, at * TILE_BYTES, 4).set(clip(tile, units));
      new Uint32Array(data, at * TILE_BYTES + 16, 2).set([unit, count]);
    }
  }
  return data;
}

function panelData({ looks: { space }, settings, points, side }: Scene, rect: Rect, i: number): ArrayBuffer {
  const data = new ArrayBuffer(PANEL_BYTES);
  const floats = new Float32Array(data);
  floats.set([...clip(rect, space), 2 / space.width, 2 / space.height]);
  const range = i === 1 ? rangeAfter(settings) : i === 2 && points.classes > 2 ? [-0.04, 1.04] : undefined;
  if (range) floats.set([range[0] as number, range[0] as number, range[1] as number, range[1] as number], 6);
  const [a, b] = i === 2 ? [0, 1] : space.pair;
  const columns = i === 2 ? Math.max(2, points.classes) : (settings.layers[space.layer - 1] ?? 1);
  const every = (side - 1) / (LINES - 1);
  const bend = i !== 2 ? 0 : points.task === "values" ? 2 : 1;
  new Uint32Array(data).set([columns, a, b, range ? 1 : 0, bend, every, LINES], 10);
  return data;
}

/** A scissor rectangle must lie inside its picture. */
function inside({ x, y, width, height }: Rect, of: Size): [number, number, number, number] {
  const [left, top] = [Math.min(x, of.width - 1), Math.min(y, of.height - 1)];
  return [left, top, Math.max(1, Math.min(width, of.width - left)), Math.max(1, Math.min(height, of.height - top))];
}
