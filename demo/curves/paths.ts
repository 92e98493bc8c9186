// The second half of the page: six optimisers on one surface, side by side, from the same start.
import { lineChart } from "../ui/chart.ts";
import { button, select, slider } from "../ui/controls.ts";
import { color, h, onTheme } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import { statusLine } from "../ui/parts.ts";
import { loggable, sharp } from "./axes.ts";
import { drawPath, lastStep, paintSurface } from "./contour.ts";
import type { Path, PathsAnswer, PathsOrder } from "./messages.ts";
import { pathsRunner } from "./runner.ts";
import type { Settings } from "./settings.ts";
import {
  OPTIMIZERS,
  type Point,
  RATES,
  STEPS,
  type Surface,
  type SurfaceName,
  surfaceOf,
  surfaces,
} from "./surfaces.ts";
import { text } from "./text.ts";

const said = text.paths;
const TINTS = OPTIMIZERS.map((_, i) => `--series-${i + 1}`);
/** Steps that the animation shows in a second. */
const PACE = 60;
/** While the start is dragged, paths are as short as this. */
const FEW = 80;
/** Stops of a start's sliders: parts of a thousand of the picture. */
const PARTS = Array.from({ length: 51 }, (_, i) => 20 * i);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export interface Paths {
  readonly element: HTMLElement;
  show(settings: Settings): void;
  begin(): void;
}

export function paths(first: Settings, onChange: (changes: Partial<Settings>) => void): Paths {
  let settings = first;
  let hasBegun = false;
  let heights: Float32Array | undefined;
  let heightsOf: SurfaceName | undefined;
  let walked: readonly Path[] | undefined;
  let shownStart: Point = startOf(first);
  let step = 0;
  let isPlaying = false;
  let isDragging = false;
  let background: { readonly key: string; readonly canvas: HTMLCanvasElement } | undefined;
  let isDue = false;
  let before = 0;

  const surface = (): Surface => surfaceOf(settings.surface);
  const runner = pathsRunner(hear);
  const status = statusLine(said.waiting, "busy");
  const retry = button(
    said.again,
    () => {
      runner.restart();
      retry.hidden = true;
      walk();
    },
    { kind: "slim" },
  );
  retry.hidden = true;
  const surfaceList = select<SurfaceName>({
    label: said.surface,
    options: (Object.keys(surfaces) as SurfaceName[]).map((value) => ({ value, label: text.surfaces[value][0] })),
    value: first.surface,
    onChange: (value) => onChange({ surface: value, start: undefined, rates: undefined }),
  });
  const line = h("p", { class: "quiet explained" });
  const starts = ([0, 1] as const).map((axis) =>
    slider({
      label: said.start(axis === 0 ? "x" : "y"),
      values: PARTS,
      value: partsOf(first)[axis],
      format: (part) => number(placeAt(surface(), [part, part])[axis], 2),
      onChange: (part) => {
        const [x, y] = partsOf(settings);
        onChange({ start: axis === 0 ? [part, y] : [x, part] });
      },
    }),
  );
  const usual = button(said.usual, () => onChange({ start: undefined, rates: undefined }), { kind: "slim" });
  const play = button(
    said.play,
    () => {
      if (!isPlaying && step >= STEPS) step = 0;
      setPlaying(!isPlaying);
    },
    { kind: "primary" },
  );
  const scrub = slider({
    ...{ label: said.step, values: Array.from({ length: STEPS + 1 }, (_, i) => i), value: 0, format: said.stepOf },
    onChange: (value) => {
      setPlaying(false);
      step = value;
      ask();
    },
  });
  const chart = lineChart({
    title: said.chart.title,
    series: OPTIMIZERS.map((name, i) => ({ label: text.optimizers[name], color: TINTS[i] as string })),
    format: (value) => number(value, 2),
    isLog: true,
    height: 220,
    waiting: said.chart.waiting,
  });
  const panels = OPTIMIZERS.map((name, i) => {
    const canvas = h("canvas", { attributes: { role: "img" } });
    const height = h("span", { class: "number quiet" }, "–");
    const rate = slider({
      ...{ label: said.rate, values: RATES, value: ratesOf(first)[i] as number, format: (value) => number(value) },
      onChange: (value) => onChange({ rates: ratesOf(settings).map((one, at) => (at === i ? value : one)) }),
    });
    rate.element.querySelector("input")?.setAttribute("aria-label", `${said.rate}, ${text.optimizers[name]}`);
    const key = h("span", { class: "key" }, text.optimizers[name]);
    key.style.setProperty("--key", `var(${TINTS[i]})`);
    const drag = (event: PointerEvent) => {
      const box = canvas.getBoundingClientRect();
      const part = (at: number) => Math.round(1000 * Math.min(1, Math.max(0, at)));
      const start = [
        part((event.clientX - box.left) / box.width),
        part((box.bottom - event.clientY) / box.height),
      ] as const;
      onChange({ start });
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      canvas.setPointerCapture(event.pointerId);
      isDragging = true;
      drag(event);
    });
    canvas.addEventListener("pointermove", (event) => isDragging && drag(event));
    for (const type of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(type, () => {
        if (!isDragging) return;
        isDragging = false;
        walk();
      });
    }
    const element = h("figure", { class: "path-panel" }, h("figcaption", {}, key, height), canvas, rate.element);
    return { name, canvas, height, rate, element };
  });

  /** Orders paths for what is set now. */
  function walk(): void {
    if (!hasBegun) return;
    const order: PathsOrder = {
      ...{ surface: settings.surface, start: startOf(settings), rates: ratesOf(settings) },
      steps: isDragging ? FEW : STEPS,
    };
    status.say(walked ? said.walking : said.waiting, "busy");
    document.body.dataset["paths"] = "walking";
    runner.ask(order);
  }

  function hear(answer: PathsAnswer): void {
    if (answer.kind === "failed") {
      status.say(said.failed(answer.reason), "bad");
      retry.hidden = false;
      return;
    }
    if (answer.kind === "picture") {
      heights = answer.heights;
      heightsOf = answer.surface;
      background = undefined;
      ask();
      return;
    }
    const { order } = answer;
    if (order.surface !== settings.surface) return;
    walked = answer.paths;
    shownStart = order.start;
    if (order.steps < STEPS) {
      step = order.steps;
      ask();
      return;
    }
    const last = walked.map((path) => path.height[lastStep(path, STEPS)] as number);
    const ends = walked.map((path, i) =>
      lastStep(path, STEPS) === STEPS ? (last[i] as number) : Number.POSITIVE_INFINITY,
    );
    const best = ends.indexOf(Math.min(...ends));
    status.say(
      said.ready(text.optimizers[OPTIMIZERS[best] as (typeof OPTIMIZERS)[number]], number(Math.min(...ends), 2)),
      "good",
    );
    chart.set([
      Array.from({ length: STEPS + 1 }, (_, i) => i),
      ...walked.map(({ height }) => Array.from(height, loggable)),
    ]);
    Object.assign(document.body.dataset, { paths: "ready", heights: ends.join(" ") });
    step = calm.matches ? STEPS : 0;
    setPlaying(!calm.matches);
  }

  function setPlaying(next: boolean): void {
    isPlaying = next && walked !== undefined;
    play.textContent = isPlaying ? said.pause : said.play;
    before = performance.now();
    ask();
  }

  const ask = () => {
    if (!isDue) requestAnimationFrame(frame);
    isDue = true;
  };

  function frame(now: number): void {
    isDue = false;
    if (isPlaying) {
      step = Math.min(STEPS, step + (PACE * Math.max(0, now - before)) / 1000);
      before = now;
      if (step >= STEPS) setPlaying(false);
      else ask();
    }
    draw();
  }

  function draw(): void {
    const at = Math.floor(step);
    scrub.set(at);
    const start = isDragging || !walked ? startOf(settings) : shownStart;
    const name = text.surfaces[settings.surface][0];
    panels.forEach(({ canvas, height, name: optimizer }, i) => {
      if (canvas.clientWidth === 0) return;
      const { context, width, height: tall } = sharp(canvas);
      if (heights && heightsOf === settings.surface) {
        const key = `${canvas.width} ${canvas.height}`;
        if (background?.key !== key) {
          background = { key, canvas: paintSurface(heights, canvas.width, canvas.height) };
        }
        context.drawImage(background.canvas, 0, 0, width, tall);
      }
      const path = walked?.[i];
      const look = { surface: surface(), tint: color(TINTS[i] as string), step: at, width, height: tall };
      drawPath(context, path, start, look);
      const words = path
        ? lastStep(path, at) < Math.min(at, path.x.length - 1)
          ? said.lost
          : said.height(path.height[at] ?? Number.NaN)
        : "–";
      if (height.textContent !== words) height.textContent = words;
      if (!isPlaying) canvas.setAttribute("aria-label", said.panel(text.optimizers[optimizer], name, words));
    });
  }

  new ResizeObserver(ask).observe((panels[0] as (typeof panels)[number]).canvas);
  onTheme(() => {
    background = undefined;
    ask();
  });

  function showSettings(): void {
    const [, sentence, axes] = text.surfaces[settings.surface];
    surfaceList.set(settings.surface);
    line.textContent = sentence;
    starts.forEach((one, axis) => {
      const label = one.element.querySelector("label");
      if (label) label.textContent = said.start(axes[axis] as string);
      one.set(partsOf(settings)[axis] as number);
    });
    panels.forEach(({ rate }, i) => {
      rate.set(ratesOf(settings)[i] as number);
    });
  }

  const element = card(
    said.title,
    { note: said.note },
    h(
      "div",
      { class: "halves" },
      h("div", { class: "stack tight" }, surfaceList.element, line),
      h(
        "div",
        { class: "stack tight" },
        h("div", { class: "pair" }, ...starts.map((one) => one.element)),
        h("div", {}, usual),
      ),
    ),
    h("div", { class: "path-panels" }, ...panels.map((one) => one.element)),
    h("div", { class: "path-run" }, play, scrub.element),
    h("div", { class: "row" }, status.element, retry),
    chart.element,
  );
  showSettings();
  return {
    element,
    show(next) {
      const old = settings;
      settings = next;
      const isSame = (["surface", "start", "rates"] as const).every((key) => old[key] === next[key]);
      if (isSame) return;
      if (old.surface !== next.surface) {
        walked = undefined;
        setPlaying(false);
      }
      showSettings();
      ask();
      walk();
    },
    begin() {
      hasBegun = true;
      walk();
    },
  };
}

const ratesOf = ({ surface, rates }: Settings): readonly number[] => rates ?? surfaceOf(surface).rates;

/** A place of a surface from parts of a thousand of its picture. */
const placeAt = ({ x, y }: Surface, [a, b]: readonly [number, number]): Point => [
  x[0] + ((x[1] - x[0]) * a) / 1000,
  y[0] + ((y[1] - y[0]) * b) / 1000,
];

const startOf = ({ surface, start }: Settings): Point => {
  const of = surfaceOf(surface);
  return start ? placeAt(of, start) : of.start;
};

/** The start as parts of a thousand. */
function partsOf(settings: Settings): readonly [number, number] {
  const { x, y } = surfaceOf(settings.surface);
  const [a, b] = startOf(settings);
  return [Math.round((1000 * (a - x[0])) / (x[1] - x[0])), Math.round((1000 * (b - y[0])) / (y[1] - y[0]))];
}
