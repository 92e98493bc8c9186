// Changes one control of a page after the other, whichever are there: choices, sliders, switches, buttons.
import type { Page } from "playwright";
import type { Draw } from "../../check/draw.ts";

/** Buttons that leave the page, or ask the browser for something. */
const LEFT_OUT = /link|download|file|paste|use these/i;

/** Changes a control that can be seen in the page, as a user does who does not scroll; says which, and to what. */
export function changeSome(page: Page, draw: Draw): Promise<string> {
  const dice = [draw.int(0, 2 ** 20), draw.int(0, 2 ** 20)] as const;
  return page.evaluate(
    ([which, what, leftOut]) => {
      type Control = HTMLInputElement | HTMLSelectElement | HTMLButtonElement;
      const all = document.querySelectorAll<Control>(
        "main select, main button, main input:is([type=range], [type=checkbox], [type=radio])",
      );
      const isUsable = (one: Control) =>
        !one.disabled && one.checkVisibility() && !new RegExp(leftOut, "i").test(one.textContent ?? "");
      const usable = [...all].filter(isUsable);
      const one = usable[which % usable.length];
      if (!one) return "nothing";
      const label = one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent ?? "";
      if (one instanceof HTMLSelectElement) one.selectedIndex = what % one.options.length;
      else if (one instanceof HTMLInputElement && one.type === "range") one.value = `${what % (Number(one.max) + 1)}`;
      else {
        one.click();
        return label.trim();
      }
      for (const name of ["input", "change"]) one.dispatchEvent(new Event(name, { bubbles: true }));
      return `${label.trim()}: ${one.value}`;
    },
    [...dice, LEFT_OUT.source] as const,
  );
}
