// The plot of a fit: points, the curve itself, what network and polynomial make of it; and the pointer that adds and erases points.
import { segments, toggle } from "../ui/controls.ts";
import { color, h, onTheme } from "../ui/element.ts";
import { drawAxes, sharp } from "./axes.ts";
import type { Points, Range } from "./shapes.ts";
import { evenly } from "./shapes.ts";
import { text } from "./text.ts";

const RIM = { left: 46, right: 10, top: 8, bottom: 28 };
/** px around the pointer in which a point is erased. */
const REACH = 16;
const said = text.fit;

export interface Shown {
  readonly points: Points;
  readonly range: Range;
  /** The curve itself, where there is one. */
  readonly truth: ((x: number) => number) | undefined;
  /** Over even places from 0 to 1, in the plot's own numbers. */
  readonly network: ArrayLike<number> | undefined;
  /** [places, units] */
  readonly parts: ArrayLike<number> | undefined;
  readonly polynomial: ((x: number) => number) | undefined;
}

export interface Plot {
  readonly element: HTMLElement;
  /** Draws at the next frame. */
  show(changes: Partial<Shown>): void;
  describe(words: string): void;
}

export function plot(onEdit: (points: Points) => void): Plot {
  let shown: Shown = {
    ...{ points: { x: [], y: [] }, range: [-1, 1] },
    ...{ truth: undefined, network: undefined, parts: undefined, polynomial: undefined },
  };
  let tool: keyof typeof said.tools = "look";
  let hasParts = false;
  let isDue = false;
  const canvas = h("canvas", { class: "fit-plot", attributes: { role: "img", "data-tool": tool } });

  const scales = (width: number, height: number) => {
    const [low, high] = shown.range;
    const frame = { left: RIM.left, top: RIM.top, right: width - RIM.right, bottom: height - RIM.bottom };
    return {
      frame,
      across: (x: number) => frame.left + x * (frame.right - frame.left),
      up: (y: number) => frame.bottom - ((y - low) / (high - low)) * (frame.bottom - frame.top),
    };
  };

  const draw = () => {
    isDue = false;
    if (canvas.clientWidth === 0) return;
    const { context, width, height } = sharp(canvas);
    const { frame, across, up } = scales(width, height);
    drawAxes(context, frame, { x: [0, 1], y: shown.range, across, up });
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    /** Values far outside would overflow the canvas's numbers. */
    const near = (y: number) => Math.max(-height, Math.min(2 * height, y));
    const line = (
      values: (i: number) => number,
      count: number,
      tint: string,
      look: { wide?: number; dash?: number[] },
    ) => {
      context.beginPath();
      for (let i = 0; i < count; i++) context.lineTo(across(i / (count - 1)), near(up(values(i))));
      context.strokeStyle = color(tint);
      context.lineWidth = look.wide ?? 2.5;
      context.setLineDash(look.dash ?? []);
      context.lineJoin = "round";
      context.stroke();
      context.setLineDash([]);
    };
    const { truth, network, parts, polynomial, points } = shown;
    const places = evenly(Math.max(2, Math.ceil(width)));
    if (hasParts && parts && network) {
      const units = parts.length / network.length;
      context.globalAlpha = 0.5;
      for (let unit = 0; unit < units; unit++) {
        line((i) => parts[i * units + unit] as number, network.length, "--series-5", { wide: 1 });
      }
      context.globalAlpha = 1;
    }
    if (truth) line((i) => truth(places[i] as number), places.length, "--quiet", { wide: 1.5, dash: [2, 4] });
    context.fillStyle = color("--ink");
    context.strokeStyle = color("--surface");
    context.globalAlpha = points.x.length > 300 ? 0.45 : 0.8;
    const radius = points.x.length > 200 ? 2.2 : 3.4;
    points.x.forEach((x, i) => {
      context.beginPath();
      context.arc(across(x), near(up(points.y[i] as number)), radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
    context.globalAlpha = 1;
    if (polynomial) line((i) => polynomial(places[i] as number), places.length, "--series-2", { dash: [9, 5] });
    if (network) line((i) => network[i] as number, network.length, "--series-1", { wide: 3 });
    context.restore();
  };
  const ask = () => {
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  };

  /** Where the pointer is, in the plot's own numbers. */
  const at = ({ clientX, clientY }: PointerEvent): readonly [x: number, y: number] => {
    const box = canvas.getBoundingClientRect();
    const { frame } = scales(box.width, box.height);
    const [low, high] = shown.range;
    const clamp = (share: number) => Math.min(1, Math.max(0, share));
    const up = clamp((frame.bottom - (clientY - box.top)) / (frame.bottom - frame.top));
    return [clamp((clientX - box.left - frame.left) / (frame.right - frame.left)), low + up * (high - low)];
  };
  const press = (event: PointerEvent) => {
    if (tool === "look" || event.button > 0) return;
    const { x, y } = shown.points;
    const [atX, atY] = at(event);
    if (tool === "add") return onEdit({ x: [...x, atX], y: [...y, atY] });
    const { across, up } = scales(canvas.clientWidth, canvas.clientHeight);
    const distances = x.map((one, i) => Math.hypot(across(one) - across(atX), up(y[i] as number) - up(atY)));
    const nearest = distances.indexOf(Math.min(...distances));
    if ((distances[nearest] ?? Number.POSITIVE_INFINITY) > REACH) return;
    onEdit({ x: x.filter((_, i) => i !== nearest), y: y.filter((_, i) => i !== nearest) });
  };
  canvas.addEventListener("pointerdown", press);

  const tools = segments({
    label: said.tool,
    options: (["look", "add", "erase"] as const).map((value) => ({ value, label: said.tools[value] })),
    value: tool,
    onChange: (value) => {
      tool = value;
      canvas.dataset["tool"] = value;
    },
  });
  const parts = toggle({
    label: said.hidden,
    value: false,
    onChange: (isOn) => {
      hasParts = isOn;
      ask();
    },
  });
  const key = (name: keyof typeof said.keys) => h("span", { class: `key ${name}` }, said.keys[name]);
  const element = h(
    "figure",
    { class: "stack tight" },
    h("figcaption", { class: "plot-keys" }, key("points"), key("truth"), key("network"), key("polynomial")),
    canvas,
    h("div", { class: "row plot-tools" }, tools.element, parts.element),
  );
  new ResizeObserver(ask).observe(canvas);
  onTheme(ask);
  return {
    element,
    show(changes) {
      shown = { ...shown, ...changes };
      ask();
    },
    describe: (words) => canvas.setAttribute("aria-label", words),
  };
}
