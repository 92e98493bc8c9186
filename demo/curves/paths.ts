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
import { pathPanel, tintOf } from "./pathPanel.ts";
import { pathsRunner } from "./runner.ts";
import type { Settings } from "./settings.ts";
import { partsOf, placeAt, ratesOf, startOf } from "./start.ts";
import {
  OPTIMIZERS,
  type OptimizerName,
  type Point,
  STEPS,
  type Surface,
  type SurfaceName,
  surfaceOf,
  surfaces,
} from "./surfaces.ts";
import { text } from "./text.ts";

const said = text.paths;
/** Steps that the animation shows in a second. */
const PACE = 60;
/** While the start is dragged, paths are as short as this. */
const FEW = 80;
/** Stops of a start's sliders: parts of a thousand of the picture. */
const PARTS = Array.from({ length: 101 }, (_, i) => 10 * i);
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
    series: OPTIMIZERS.map((name, i) => ({
      ...{ label: text.optimizers[name], color: tintOf(i) },
      format: said.height,
    })),
    format: (value) => number(value, 2),
    isLog: true,
    height: 220,
    waiting: said.chart.waiting,
  });
  const panels = OPTIMIZERS.map((_, i) =>
    pathPanel(i, {
      rate: ratesOf(first)[i] as number,
      onRate: (value) => onChange({ rates: ratesOf(settings).map((one, at) => (at === i ? value : one)) }),
      onDrag: (start) => {
        isDragging = true;
        onChange({ start });
      },
      onDrop: () => {
        isDragging = false;
        walk();
      },
    }),
  );

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
    const ends = walked.map((path) =>
      lastStep(path, STEPS) === STEPS ? (path.height[STEPS] as number) : Number.POSITIVE_INFINITY,
    );
    const least = Math.min(...ends);
    const best = OPTIMIZERS[ends.indexOf(least)] as OptimizerName;
    if (least < Number.POSITIVE_INFINITY) status.say(said.ready(text.optimizers[best], said.height(least)), "good");
    else status.say(said.allLost, "warn");
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
    panels.forEach((panel, i) => {
      if (panel.canvas.clientWidth === 0) return;
      const { context, width, height } = sharp(panel.canvas);
      if (heights && heightsOf === settings.surface) {
        const { width: across, height: down } = panel.canvas;
        const key = `${across} ${down}`;
        if (background?.key !== key) background = { key, canvas: paintSurface(heights, across, down) };
        context.drawImage(background.canvas, 0, 0, width, height);
      }
      const path = walked?.[i];
      drawPath(context, path, start, { surface: surface(), tint: color(panel.tint), step: at, width, height });
      panel.tell(wordsAt(path, at), name, !isPlaying);
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
    panels.forEach((panel, i) => {
      panel.setRate(ratesOf(settings)[i] as number);
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
    h("div", { class: "path-panels", attributes: { "data-picture": true } }, ...panels.map((one) => one.element)),
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

/** How high a path is at a step, in words. */
function wordsAt(path: Path | undefined, step: number): string {
  if (!path) return "–";
  const last = Math.min(step, path.x.length - 1);
  return lastStep(path, last) < last ? said.lost : said.height(path.height[last] as number);
}
