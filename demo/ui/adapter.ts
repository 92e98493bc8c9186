// Finds out what this browser can compute on, and says it in a sentence with what to try.
import { h } from "./element.ts";
import { statusLine, type Tone } from "./parts.ts";
import { text } from "./text.ts";

export type AdapterKind = "hardware" | "software" | "no-webgpu" | "insecure" | "no-adapter" | "blocked";

export interface Found {
  readonly kind: AdapterKind;
  /** One sentence for the page. */
  readonly sentence: string;
  readonly advice: readonly string[];
  /** True where only the CPU reference is left: use a smaller set. */
  readonly isReference: boolean;
}

/** As `openDevice` tells them. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|software/i;

/** Asks once for an adapter and a device; gives both back. Never throws. */
export async function findAdapter(gpu: GPU | undefined = globalThis.navigator?.gpu): Promise<Found> {
  if (!gpu) return withoutGpu();
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return found("no-adapter");
    const { info } = adapter;
    (await adapter.requestDevice()).destroy();
    const words = [info.vendor, info.architecture].filter(Boolean).join(" ");
    const name = info.description || info.device || words || text.adapter.unnamed;
    const isSoftware = info.isFallbackAdapter || SOFTWARE.test(`${words} ${name}`);
    return found(isSoftware ? "software" : "hardware", name);
  } catch (error) {
    return found("blocked", (error as Error).message.replace(/[.\s]+$/, ""));
  }
}

function found(kind: AdapterKind, detail = ""): Found {
  const said = text.adapter[kind];
  return {
    kind,
    sentence: typeof said === "string" ? said : said(detail),
    advice: text.adapter.advice[kind],
    isReference: kind !== "hardware" && kind !== "software",
  };
}

const TONES: Readonly<Record<AdapterKind, Tone>> = {
  hardware: "good",
  software: "warn",
  "no-webgpu": "warn",
  insecure: "warn",
  "no-adapter": "warn",
  blocked: "warn",
};

/** Shows the sentence at once with what to try behind it; `found` settles when it is known. Its height stays what it is. */
export function adapterLine(): { readonly element: HTMLElement; readonly found: Promise<Found> } {
  const line = statusLine(text.adapter.looking, "busy");
  const element = h("div", { class: "adapter" }, line.element);
  const show = (it: Found, isOpen: boolean) => {
    line.say(it.sentence, TONES[it.kind]);
    element.dataset.adapter = it.kind;
    if (it.advice.length === 0) return;
    const list = h("ul", {}, ...it.advice.map((one) => h("li", {}, one)));
    const summary = h("summary", {}, text.adapter.tryTitle);
    element.append(h("details", { attributes: { open: isOpen } }, summary, h("div", { class: "notice warn" }, list)));
  };
  if (!navigator.gpu) {
    const it = withoutGpu(); // known before anything is drawn: nothing moves
    show(it, true);
    return { element, found: Promise.resolve(it) };
  }
  const asked = findAdapter();
  asked.then((it) => show(it, false));
  return { element, found: asked };
}

const withoutGpu = () => found(globalThis.isSecureContext ? "no-webgpu" : "insecure");
