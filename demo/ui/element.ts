// Elements as expressions. Text stays text: nothing here, and nothing in any page, reads markup from a string.

type Child = Node | string | null | undefined | false;

interface Props {
  readonly class?: string;
  readonly id?: string;
  /** Attributes as they are written in HTML; false and undefined leave one out, true writes it empty. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly on?: { readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
}

/** Makes an HTML element: `h("p", { class: "lead" }, "Hello ", h("b", {}, name))`. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (props.class) element.className = props.class;
  if (props.id) element.id = props.id;
  for (const [key, value] of Object.entries(props.attributes ?? {})) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : `${value}`);
  }
  for (const [type, listener] of Object.entries(props.on ?? {})) {
    element.addEventListener(type, listener as EventListener);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets a text only where it is another: setting one lays the page out again, and may have it read out. */
export function setText(element: Element, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

/** Until the page draws next: work that would make one frame late is spread over several. */
export const frame = (): Promise<unknown> => new Promise(requestAnimationFrame);

let ids = 0;

/** An id that no other element of the page has. */
export const freshId = (stem: string): string => `${stem}-${++ids}`;

/** The value of a CSS variable, such as `color("--accent")`, as it is now. */
export const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Calls `redraw` whenever the page turns from light to dark or back. */
export function onTheme(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
