// The map with its points and axes, and what the pointer does to them.
import { type Control, segments, slider, toggle } from "../ui/controls.ts";
import { color, h } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { REACH } from "./frame.ts";
import { MOST_CLASSES, MOST_POINTS, type Points, pointsOf, type Range, rounded, rowsOf } from "./points.ts";
import { text } from "./text.ts";
import { ticks } from "./ticks.ts";

/** Where the map lies in its figure: room for the numbers at the axes, in CSS pixels. */
const RIM = { left: 34, bottom: 24, top: 6, right: 6 };
/** How near to a point the pointer must be, and how far apart points lie that are drawn in one go, in CSS pixels. */
const NEAR = 16;
const APART = 18;

type Tool = "view" | "add" | "move" | "erase";

export interface Stage {
  readonly element: HTMLElement;
  /** Tools for the pointer. */
  readonly tools: HTMLElement;
  /** The canvas for the map itself, a new one each time. */
  freshCanvas(): HTMLCanvasElement;
  /** Side of the map in CSS pixels. */
  side(): number;
  show(points: Points, held: Points | undefined): void;
  redraw(): void;
}

export function stage(options: { readonly onEdit: (points: Points) => void; readonly onFull: () => void }): Stage {
  let points = pointsOf("classes", []);
  let held: Points | undefined;
  let tool: Tool = "view";
  let [label, value] = [0, 1];

  const map = h("canvas", { attributes: { "aria-hidden": "true" } });
  let canvas = map;
  const overlay = h("canvas", { class: "overlay", attributes: { role: "img" } });
  const element = h("div", { class: "stage" }, map, overlay);

  const kinds = Object.entries(text.stage.tools) as [Tool, string][];
  const tools = segments<Tool>({
    label: text.stage.tool,
    options: kinds.map(([value, label]) => ({ value, label })),
    value: tool,
    onChange: (next) => {
      tool = next;
      element.dataset["tool"] = tool;
      brushes.hidden = tool !== "add";
    },
  });
  element.dataset["tool"] = tool;
  const brushes = h("div", { class: "brushes", attributes: { hidden: true } });
  const heldToggle = toggle({ label: text.stage.held, value: false, onChange: () => draw() });
  let brush: Control<string> | Control<number> | undefined;
  let brushOf = "";
  const offerBrushes = () => {
    const count = Math.min(MOST_CLASSES, points.classes + 1);
    const kind = points.task === "values" ? "values" : `${count}`;
    if (kind === brushOf) return;
    brushOf = kind;
    if (points.task === "values") {
      brush = slider({
        label: text.stage.value,
        values: Array.from({ length: 21 }, (_, i) => Number((i / 10 - 1).toFixed(1))),
        value,
        format: (of) => number(of),
        onChange: (next) => {
          value = next;
        },
      });
    } else {
      label = Math.min(label, count - 1);
      brush = segments({
        label: text.stage.class,
        options: Array.from({ length: count }, (_, i) => ({
          value: `${i}`,
          label: `${MARKS[i % MARKS.length]} ${i + 1}`,
        })),
        value: `${label}`,
        onChange: (next) => {
          label = Number(next);
        },
      });
      for (const [i, span] of [...brush.element.querySelectorAll("span")].entries()) {
        span.style.color = `var(--series-${i + 1})`;
      }
    }
    brushes.replaceChildren(brush.element);
  };

  const side = () => Math.max(1, element.clientWidth - RIM.left - RIM.right);
  /** A coordinate of the plane in pixels of the figure. */
  const across = (x: number) => RIM.left + ((x + REACH) / (2 * REACH)) * side();
  const up = (y: number) => RIM.top + (1 - (y + REACH) / (2 * REACH)) * side();

  const draw = () => {
    const density = devicePixelRatio;
    const [width, height] = [element.clientWidth, element.clientHeight];
    if (width === 0) return;
    if (overlay.width !== Math.round(width * density) || overlay.height !== Math.round(height * density)) {
      overlay.width = Math.round(width * density);
      overlay.height = Math.round(height * density);
    }
    const context = overlay.getContext("2d") as CanvasRenderingContext2D;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    drawAxes(context, points.extent, { across, up, side: side() });
    context.save();
    context.beginPath();
    context.rect(RIM.left, RIM.top, side(), side());
    context.clip();
    const palette = paletteOfPoints();
    if (held && heldToggle.value) {
      for (const [x, y, of] of rowsOf(held)) mark(context, [across(x), up(y)], held, of, palette, true);
    }
    for (const [x, y, of] of rowsOf(points)) mark(context, [across(x), up(y)], points, of, palette, false);
    context.restore();
  };

  /** The plane's coordinates under the pointer; undefined outside of the map. */
  const placeOf = (event: PointerEvent): readonly [number, number] | undefined => {
    const box = element.getBoundingClientRect();
    const x = ((event.clientX - box.left - RIM.left) / side()) * 2 * REACH - REACH;
    const y = REACH - ((event.clientY - box.top - RIM.top) / side()) * 2 * REACH;
    return Math.abs(x) <= REACH && Math.abs(y) <= REACH ? [clamped(x), clamped(y)] : undefined;
  };
  const pixels = (distance: number) => (distance / (2 * REACH)) * side();
  const nearest = ([x, y]: readonly [number, number]) => {
    let [best, least] = [-1, NEAR];
    rowsOf(points).forEach(([a, b], i) => {
      const distance = pixels(Math.hypot(a - x, b - y));
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  };
  const become = (rows: readonly (readonly [number, number, number])[]) => {
    const classes = points.task === "classes" ? Math.max(2, points.classes, ...rows.map(([, , of]) => of + 1)) : 0;
    points = pointsOf(points.task, rows, { classes, extent: points.extent });
    isChanged = true;
    draw();
  };

  let isChanged = false;
  let moving = -1;
  let last: readonly [number, number] | undefined;
  const act = (place: readonly [number, number]) => {
    const rows = rowsOf(points);
    if (tool === "add") {
      if (last && pixels(Math.hypot(place[0] - last[0], place[1] - last[1])) < APART) return;
      last = place;
      if (points.count >= MOST_POINTS) return options.onFull();
      become([...rows, [...place, points.task === "values" ? value : label]]);
    } else if (tool === "erase") {
      const at = nearest(place);
      if (at >= 0) become(rows.filter((_, i) => i !== at));
    } else if (moving >= 0) {
      become(rows.map((row, i) => (i === moving ? [...place, row[2]] : row)));
    }
  };
  overlay.addEventListener("pointerdown", (event) => {
    const place = placeOf(event);
    if (tool === "view" || !place || event.button !== 0) return;
    event.preventDefault();
    overlay.setPointerCapture(event.pointerId);
    last = undefined;
    moving = tool === "move" ? nearest(place) : -1;
    if (tool !== "move") act(place);
  });
  overlay.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (place && overlay.hasPointerCapture(event.pointerId)) act(place);
  });
  const end = (event: PointerEvent) => {
    if (overlay.hasPointerCapture(event.pointerId)) overlay.releasePointerCapture(event.pointerId);
    moving = -1;
    if (!isChanged) return;
    isChanged = false;
    options.onEdit(rounded(points));
  };
  overlay.addEventListener("pointerup", end);
  overlay.addEventListener("pointercancel", end);

  return {
    element,
    tools: h("div", { class: "tools" }, tools.element, brushes, heldToggle.element),
    freshCanvas() {
      const fresh = h("canvas", { attributes: { "aria-hidden": "true" } });
      canvas.replaceWith(fresh);
      canvas = fresh;
      return fresh;
    },
    side,
    show(next, test) {
      [points, held] = [next, test];
      heldToggle.disable(!held);
      overlay.setAttribute("aria-label", text.stage.map(text.stage.points(points.count)));
      offerBrushes();
      draw();
    },
    redraw: draw,
  };
}

const MARKS = ["●", "■", "▲", "◆"];

const clamped = (value: number) => Math.min(1, Math.max(-1, value));

interface PointColors {
  readonly classes: readonly string[];
  readonly surface: string;
  readonly ink: string;
  readonly below: string;
  readonly above: string;
}

const paletteOfPoints = (): PointColors => ({
  classes: [1, 2, 3, 4, 5, 6].map((i) => color(`--series-${i}`)),
  ...{ surface: color("--surface"), ink: color("--ink"), below: color("--below"), above: color("--above") },
});

/** A point: its class is told by colour and by shape, its value by colour. */
function mark(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  { task }: Points,
  label: number,
  palette: PointColors,
  isHollow: boolean,
): void {
  const radius = isHollow ? 3.5 : 4.2;
  context.beginPath();
  const shape = task === "values" ? 0 : label % 4;
  if (shape === 0) context.arc(x, y, radius, 0, 2 * Math.PI);
  else if (shape === 1) context.rect(x - 0.86 * radius, y - 0.86 * radius, 1.72 * radius, 1.72 * radius);
  else {
    const corners =
      shape === 2
        ? [
            [0, -1.2],
            [1.1, 0.8],
            [-1.1, 0.8],
          ]
        : [
            [0, -1.25],
            [1.25, 0],
            [0, 1.25],
            [-1.25, 0],
          ];
    for (const [a, b] of corners as [number, number][]) context.lineTo(x + a * radius, y + b * radius);
    context.closePath();
  }
  const fill = task === "values" ? (label < 0 ? palette.below : palette.above) : (palette.classes[label] as string);
  context.globalAlpha = 1;
  if (!isHollow) {
    context.fillStyle = palette.surface;
    context.fill();
    if (task === "values") context.globalAlpha = Math.min(1, 0.15 + 0.85 * Math.abs(label));
    context.fillStyle = fill;
    context.fill();
  }
  context.globalAlpha = isHollow ? 0.75 : 1;
  context.lineWidth = isHollow ? 1.5 : 1.2;
  context.strokeStyle = isHollow ? fill : task === "values" ? palette.ink : palette.surface;
  context.stroke();
  context.globalAlpha = 1;
}

/** A round number as it is: 2,019, 1e30. */
const written = (tick: number) => number(tick, 6).replace(/\.?0+e/, "e");

/** Numbers along both axes, at round places. */
function drawAxes(
  context: CanvasRenderingContext2D,
  [ofX, ofY]: Points["extent"],
  { across, up, side }: { across(x: number): number; up(y: number): number; side: number },
): void {
  context.fillStyle = color("--quiet");
  context.strokeStyle = color("--edge");
  context.lineWidth = 1;
  context.font = `12px ${color("--sans")}`;
  const bottom = RIM.top + side;
  const toUnit = (value: number, [low, high]: Range) => (2 * (value - low)) / (high - low) - 1;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticks(ofX)) {
    const x = across(toUnit(tick, ofX));
    context.fillText(written(tick), x, bottom + 7);
    context.fillRect(x - 0.5, bottom, 1, 4);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks(ofY)) {
    const y = up(toUnit(tick, ofY));
    context.fillText(written(tick), RIM.left - 7, y, RIM.left - 7); // long ones are squeezed
    context.fillRect(RIM.left - 4, y - 0.5, 4, 1);
  }
}
