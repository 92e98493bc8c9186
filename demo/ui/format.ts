// Numbers for people.

// made when first needed: it takes a browser some 10 ms, which an opening page has better uses for
let grouped: Intl.NumberFormat | undefined;

/** 12345.6 → "12,346" */
export const count = (value: number): string => group(Math.round(value));

function group(value: number): string {
  grouped ??= new Intl.NumberFormat("en", { maximumFractionDigits: 20 });
  return grouped.format(value);
}

/** 0.9731 → "97.3 %" */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Three significant digits, with a real minus sign and thousands apart: −0.0123, 12,300. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const written =
    size !== 0 && (size < 1e-4 || size >= 1e6)
      ? value.toExponential(digits - 1)
      : group(Number(value.toPrecision(digits)) + 0); // no −0
  return written.replace("-", "−").replace("e−", "e-").replace("e+", "e");
}

/** 5242880 → "5 MiB" */
export function bytes(value: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${Number((value / 1024 ** step).toPrecision(3))} ${units[step]}`;
}
