// uPlot asks Intl for the browser's language while it is loaded. A browser in the POSIX locale has one that Intl refuses, "en-US@posix".
// To be imported before uPlot.

/** The language that numbers are written in. */
export const language = understood(navigator.language);

function understood(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "en";
  } catch {
    Object.defineProperty(navigator, "language", { value: "en", configurable: true });
    return "en";
  }
}
