// Numbers for people.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 20 });

/** 12345.6 → "12,346" */
export const count = (value: number): string => whole.format(value);

/** 0.9731 → "97.3 %" */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Three significant digits, with a real minus sign and thousands apart: −0.0123, 12,300. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const written =
    size !== 0 && (size < 1e-4 || size >= 1e6)
      ? value.toExponential(digits - 1)
      : grouped.format(Number(value.toPrecision(digits)) + 0); // no −0
  return written.replace("-", "−").replace("e−", "e-").replace("e+", "e");
}

/** 5242880 → "5 MiB" */
export function bytes(value: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${Number((value / 1024 ** step).toPrecision(3))} ${units[step]}`;
}
