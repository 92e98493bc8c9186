// What happens inside: maps of the hidden units, a layer's space, histograms of weights and gradients.
import { select } from "../ui/controls.ts";
import { color, h, setText } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import type { Histogram } from "./histogram.ts";
import type { Points } from "./points.ts";
import type { Looks, ProbeMessage, Rect } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { text } from "./text.ts";

/** A picture with a worker's canvas in it and words above parts of it. */
export interface Picture {
  readonly element: HTMLElement;
  freshCanvas(): HTMLCanvasElement;
}

function picture(className: string): Picture & { readonly box: HTMLElement; readonly words: HTMLElement } {
  let canvas = h("canvas", { attributes: { "aria-hidden": "true" } });
  const words = h("div", { class: "words" });
  const box = h("div", { class: `picture ${className}`, attributes: { role: "img" } }, canvas, words);
  return {
    element: box,
    box,
    words,
    freshCanvas() {
      const fresh = h("canvas", { attributes: { "aria-hidden": "true" } });
      canvas.replaceWith(fresh);
      canvas = fresh;
      return fresh;
    },
  };
}

/** Lays a rectangle out in device pixels, so that its edges are sharp. */
function sharp(x: number, y: number, width: number, height: number): Rect {
  const density = devicePixelRatio;
  const at = (value: number) => Math.round(value * density);
  return { x: at(x), y: at(y), width: at(x + width) - at(x), height: at(y + height) - at(y) };
}

const isSeen = (element: HTMLElement) => {
  const { top, bottom, width } = element.getBoundingClientRect();
  return width > 0 && bottom > -80 && top < innerHeight + 80;
};

/** All units as small maps, a block for each layer. */
export function unitMaps(): Picture & {
  readonly card: HTMLElement;
  /** Gives room for the units of these settings. */
  show(settings: Settings): void;
  tell(dead: readonly number[]): void;
  looks(): Looks["units"];
} {
  const { box, words, freshCanvas, element } = picture("units");
  const none = h("p", { class: "quiet", attributes: { hidden: true } }, text.units.none);
  let layers: readonly number[] = [];
  const captions: HTMLElement[] = [];
  const [gap, caption] = [6, 26];

  const layout = () => {
    const width = box.clientWidth;
    const widest = Math.max(1, ...layers);
    const room = Math.max(1, Math.floor((width + gap) / (46 + gap)));
    const most = Math.max(8, widest);
    const columns = Math.ceil(most / Math.ceil(most / room)); // rows of one length, rather than a full one and a rest
    const size = Math.min(84, (width + gap) / columns - gap);
    const tiles: Rect[] = [];
    let y = 0;
    layers.forEach((units, i) => {
      captions[i]?.style.setProperty("top", `${y}px`);
      y += caption;
      for (let unit = 0; unit < units; unit++) {
        const [row, column] = [Math.floor(unit / columns), unit % columns];
        tiles.push(sharp(column * (size + gap), y + row * (size + gap), size, size));
      }
      y += Math.ceil(units / columns) * (size + gap) + 8;
    });
    const height = Math.max(1, y - 8 - gap);
    box.style.height = `${height}px`;
    const { width: across, height: down } = sharp(0, 0, width, height);
    return { width: Math.max(1, across), height: Math.max(1, down), tiles };
  };
  return {
    element,
    freshCanvas,
    card: card(text.units.title, { note: text.units.note }, scale(), none, box),
    show(settings) {
      if (captions.length > 0 && settings.layers.join() === layers.join()) return;
      layers = settings.layers;
      captions.splice(0, captions.length, ...layers.map((units, i) => h("p", {}, text.units.layer(i + 1, units, 0))));
      words.replaceChildren(...captions);
      none.hidden = layers.length > 0;
      box.hidden = layers.length === 0;
      box.setAttribute("aria-label", text.units.picture(layers.reduce((a, b) => a + b, 0)));
      layout();
    },
    tell(dead) {
      layers.forEach((units, i) => {
        const words = text.units.layer(i + 1, units, dead[i] ?? 0);
        const at = captions[i];
        if (at) setText(at, words);
      });
    },
    looks: () => ({ ...layout(), isSeen: layers.length > 0 && isSeen(box) }),
  };
}

/** What the colours of units and surfaces mean. */
export function scale(): HTMLElement {
  const [low, middle, high] = text.stage.scale;
  return h(
    "p",
    { class: "scale small quiet" },
    h("span", {}, low),
    h("i"),
    h("span", { class: "only-heard" }, middle),
    h("span", {}, high),
  );
}

/** Points in the space of a hidden layer: before its activation, after it, and at the output. */
export function hiddenSpace(onChange: () => void): Picture & {
  readonly card: HTMLElement;
  show(settings: Settings, points: Points): void;
  looks(): Looks["space"];
} {
  const { box, words, freshCanvas, element } = picture("space");
  let settings: Settings | undefined;
  let points: Points | undefined;
  let [layer, pair] = [1, [0, 1] as [number, number]];
  const choices = h("div", { class: "choices" });
  const none = h("p", { class: "quiet", attributes: { hidden: true } }, text.units.none);
  const captions = [0, 1, 2].map(() => h("p"));
  const frames = [0, 1, 2].map(() => h("div", { class: "frame" }));
  words.append(...captions, ...frames);
  const [gap, caption] = [14, 26];

  const say = () => {
    if (!points) return;
    const { last } = text.space;
    const end =
      points.task === "values"
        ? last.values
        : points.classes > 2
          ? last.many
          : last.two((settings?.layers.length ?? 0) + 1);
    [text.space.before(layer), text.space.after(layer), end].forEach((said, i) => {
      (captions[i] as HTMLElement).textContent = said;
    });
  };
  const offer = () => {
    const { layers } = settings as Settings;
    const units = layers[layer - 1] ?? 1;
    const numbered = (count: number, label: (at: number) => string) =>
      Array.from({ length: count }, (_, i) => ({ value: `${i}`, label: label(i + 1) }));
    const axis = (label: string, at: 0 | 1) =>
      select({
        ...{ label, options: numbered(units, text.space.unit), value: `${pair[at]}` },
        onChange: (value) => {
          pair = at === 0 ? [Number(value), pair[1]] : [pair[0], Number(value)];
          onChange();
        },
      }).element;
    const which = select({
      label: text.space.layer,
      options: numbered(layers.length, text.settings.layer),
      value: `${layer - 1}`,
      onChange: (value) => {
        layer = Number(value) + 1;
        pair = [0, Math.min(1, (layers[layer - 1] ?? 1) - 1)];
        offer();
        onChange();
      },
    }).element;
    choices.replaceChildren(which, axis(text.space.across, 0), axis(text.space.up, 1));
    say();
  };
  const layout = () => {
    const width = box.clientWidth;
    const columns = width >= 520 ? 3 : 2;
    const size = Math.min(340, (width - (columns - 1) * gap) / columns);
    const panels = [0, 1, 2].map((i) => {
      const across = columns === 2 && i === 2 ? 2 * size + gap : size; // nothing stands alone in its row
      const [row, column] = [Math.floor(i / columns), i % columns];
      const [x, y] = [column * (size + gap), row * (size + caption + gap)];
      const at = captions[i] as HTMLElement;
      at.style.left = `${x}px`;
      at.style.top = `${y}px`;
      at.style.width = `${across}px`;
      const frame = (frames[i] as HTMLElement).style;
      frame.left = `${x}px`;
      frame.top = `${y + caption}px`;
      frame.width = `${across}px`;
      frame.height = `${size}px`;
      return sharp(x, y + caption, across, size);
    });
    const rows = Math.ceil(3 / columns);
    const height = Math.max(1, rows * (size + caption) + (rows - 1) * gap);
    box.style.height = `${height}px`;
    const { width: across, height: down } = sharp(0, 0, width, height);
    return { width: Math.max(1, across), height: Math.max(1, down), panels };
  };
  return {
    element,
    freshCanvas,
    card: card(text.space.title, { note: text.space.note }, none, choices, box),
    show(next, given) {
      const isSame = settings?.layers.join() === next.layers.join();
      [settings, points] = [next, given];
      const isBare = next.layers.length === 0;
      none.hidden = !isBare;
      choices.hidden = isBare;
      box.hidden = isBare;
      box.setAttribute("aria-label", text.space.picture);
      if (isBare) return;
      if (!isSame) {
        layer = next.layers.length; // the last: where classes have come apart
        pair = [0, Math.min(1, (next.layers[layer - 1] ?? 1) - 1)];
        offer();
      }
      say();
      layout();
    },
    looks: () => ({
      ...layout(),
      isSeen: (settings?.layers.length ?? 0) > 0 && isSeen(box),
      ...{ layer, pair },
    }),
  };
}

/** How weights and gradients of each layer are spread. */
export function histograms(): {
  readonly card: HTMLElement;
  show(settings: Settings): void;
  tell(probe: ProbeMessage): void;
  redraw(): void;
} {
  const rows = h("div", { class: "histograms" });
  let charts: { name: string; weights: Chart; gradients: Chart }[] = [];
  let known = -1;
  let last: ProbeMessage | undefined;
  let isDrawn = false;
  const draw = () => {
    if (!last || (isDrawn && !isSeen(rows))) return;
    isDrawn = true;
    for (const [i, { weights, gradients }] of charts.entries()) {
      weights.draw(last.weights[i]);
      gradients.draw(last.gradients[i]);
    }
  };
  return {
    card: card(text.histograms.title, { note: text.histograms.note }, rows),
    show({ layers }) {
      if (known === layers.length) return;
      known = layers.length;
      isDrawn = false;
      charts = [...layers, 1].map((_, i) => {
        const name = i < layers.length ? text.histograms.layer(i + 1) : text.histograms.last;
        return {
          name,
          weights: histogramChart(text.histograms.weights, name, "--series-1"),
          gradients: histogramChart(text.histograms.gradients, name, "--series-2"),
        };
      });
      rows.replaceChildren(
        h("span"),
        h("h3", {}, text.histograms.weights),
        h("h3", {}, text.histograms.gradients),
        ...charts.flatMap(({ name, weights, gradients }) => [
          h("span", { class: "name" }, name),
          weights.element,
          gradients.element,
        ]),
      );
    },
    tell(probe) {
      last = probe;
      draw();
    },
    redraw: draw,
  };
}

interface Chart {
  readonly element: HTMLElement;
  draw(of: Histogram | undefined): void;
}

function histogramChart(what: string, layer: string, tint: string): Chart {
  const canvas = h("canvas", { attributes: { role: "img", "aria-label": `${what}: ${layer}` } });
  const words = h("figcaption");
  return {
    element: h("figure", {}, canvas, words),
    draw(of) {
      if (!of || canvas.clientWidth === 0) return;
      const { counts, reach, norm } = of;
      const density = devicePixelRatio;
      const [width, height] = [Math.round(canvas.clientWidth * density), Math.round(canvas.clientHeight * density)];
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.clearRect(0, 0, width, height);
      context.fillStyle = color("--line");
      context.fillRect(0, height - density, width, density);
      context.fillRect(Math.round(width / 2), 0, density, height);
      context.fillStyle = color(tint);
      const most = Math.max(1, ...counts);
      const bin = width / counts.length;
      counts.forEach((count, i) => {
        if (count === 0) return;
        const tall = Math.max(1.5 * density, (count / most) * (height - 2 * density));
        context.fillRect(i * bin + 0.5 * density, height - tall, bin - density, tall);
      });
      const said = text.histograms.caption(number(reach, 2), number(norm, 2));
      setText(words, said);
      canvas.setAttribute("aria-label", text.histograms.one(what, layer, number(reach, 2), number(norm, 2)));
    },
  };
}
