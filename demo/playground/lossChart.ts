// Two lines that grow while the network trains, looking as the charts of all pages do. Those are drawn by uPlot, whose 22 KB this page has
// no room for beside the engine.
import { color, h, onTheme } from "../ui/element.ts";
import { count, number } from "../ui/format.ts";
import { text } from "./text.ts";
import { ticks } from "./ticks.ts";

/** Step, and the value of each line; null where it has none. */
type Point = readonly [step: number, ...values: (number | null)[]];

const LINES = [
  { label: text.chart.train, tint: "--series-1" },
  { label: text.chart.test, tint: "--series-2" },
];
const HEIGHT = 180;
const RIM = { left: 44, right: 8, top: 10, bottom: 26 };
/** More points than pixels help nobody: at so many every second one goes. */
const MOST_POINTS = 2000;

export function lossChart(): { readonly element: HTMLElement; add(point: Point): void; clear(): void } {
  const canvas = h("canvas");
  const waiting = h("p", { class: "waiting" }, text.chart.waiting);
  const plot = h(
    "div",
    { class: "plot", attributes: { role: "img", "aria-label": text.chart.title } },
    canvas,
    waiting,
  );
  plot.style.height = `${HEIGHT}px`;
  canvas.style.height = `${HEIGHT}px`;
  canvas.style.width = "100%";
  const keys = LINES.map(({ label }) => h("span", {}, label));
  LINES.forEach(({ tint }, i) => {
    keys[i]?.style.setProperty("--key", `var(${tint})`);
  });
  const caption = h("figcaption", {}, h("span", {}, text.chart.title), h("span", { class: "keys" }, ...keys));
  let points: Point[] = [];
  let isDue = false;

  const draw = () => {
    isDue = false;
    const density = devicePixelRatio;
    const width = plot.clientWidth;
    if (width === 0) return;
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(HEIGHT * density);
    const last = points.at(-1);
    waiting.hidden = points.length > 1;
    LINES.forEach(({ label }, i) => {
      const value = last?.[i + 1];
      (keys[i] as HTMLElement).textContent = typeof value === "number" ? `${label} ${number(value)}` : label;
    });
    if (!last || points.length < 2) return;
    plot.setAttribute("aria-label", `${text.chart.title}: ${keys.map(({ textContent }) => textContent).join(", ")}`);
    const values = points.flatMap(([, ...own]) => own.filter((value) => value !== null));
    const most = Math.max(1e-6, ...values);
    const least = Math.min(0, ...values);
    const across = (step: number) => RIM.left + (step / last[0]) * (width - RIM.left - RIM.right);
    const up = (value: number) => RIM.top + (1 - (value - least) / (most - least)) * (HEIGHT - RIM.top - RIM.bottom);
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    context.scale(density, density);
    context.font = `12px ${color("--sans")}`;
    const [line, quiet] = [color("--line"), color("--quiet")];
    const rule = (x: number, y: number, wide: number, tall: number) => {
      context.fillStyle = line;
      context.fillRect(Math.round(x), Math.round(y), wide, tall);
      context.fillStyle = quiet;
    };
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of ticks([least, most], 3)) {
      rule(RIM.left, up(tick), width - RIM.left - RIM.right, 1);
      context.fillText(number(tick), RIM.left - 8, up(tick));
    }
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const tick of ticks([0, last[0]], width / 140)) {
      rule(across(tick), RIM.top, 1, HEIGHT - RIM.top - RIM.bottom);
      if (across(tick) < width - 20) context.fillText(count(tick), across(tick), HEIGHT - RIM.bottom + 8);
    }
    context.lineWidth = 2;
    context.lineJoin = "round";
    LINES.forEach(({ tint }, i) => {
      context.strokeStyle = color(tint);
      context.beginPath();
      for (const point of points) {
        const value = point[i + 1];
        if (typeof value === "number") context.lineTo(across(point[0]), up(value));
      }
      context.stroke();
    });
  };
  const ask = () => {
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  };
  new ResizeObserver(ask).observe(plot);
  onTheme(ask);
  return {
    element: h("figure", { class: "chart" }, caption, plot),
    add(point) {
      points.push(point);
      if (points.length > MOST_POINTS) points = points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
      ask();
    },
    clear() {
      points = [];
      ask();
    },
  };
}
