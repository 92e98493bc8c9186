// Drawing without a pointer: arrows move a pen, space sets it down and lifts it.
import { h } from "../ui/element.ts";

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** px that an arrow moves the pen, and with shift. */
const STEP = 14;
const FINE = 4;
const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Listens to the keys of `canvas`, `size` px wide; gives the ring that shows where the pen is while it is in use. */
export function penKeys(
  canvas: HTMLElement,
  size: number,
  on: {
    readonly begin: (place: Place) => void;
    readonly draw: (place: Place) => void;
    readonly clear: () => void;
    readonly undo: () => void;
  },
): HTMLElement {
  const ring = h("span", { class: "pen", attributes: { hidden: true, "aria-hidden": "true" } });
  let pen: Place = { x: size / 2, y: size / 4 };
  let isDown = false;
  const show = () => {
    ring.hidden = false;
    ring.classList.toggle("down", isDown);
    ring.style.left = `${(100 * pen.x) / size}%`;
    ring.style.top = `${(100 * pen.y) / size}%`;
  };
  const hide = () => {
    ring.hidden = true;
    isDown = false;
  };
  const within = (value: number) => Math.min(size, Math.max(0, value));

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? FINE : STEP;
      pen = { x: within(pen.x + step * arrow[0]), y: within(pen.y + step * arrow[1]) };
      if (isDown) on.draw(pen);
    } else if (event.key === " " || event.key === "Enter") {
      isDown = !isDown;
      if (isDown) on.begin(pen);
    } else if (event.key === "Backspace") {
      isDown = false;
      on.undo();
    } else if (event.key === "Delete" || event.key === "Escape") {
      isDown = false;
      on.clear();
    } else return;
    event.preventDefault();
    show();
  });
  canvas.addEventListener("blur", hide);
  canvas.addEventListener("pointerdown", hide);
  return ring;
}
