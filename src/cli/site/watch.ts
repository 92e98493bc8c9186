// Notes whatever a page must not do: errors in the console, uncaught ones, broken content policy, requests to other origins.
import type { Page } from "playwright";

/** Chromium's own remark where a page asks for an adapter and there is none. */
const NO_ADAPTER = "No available adapters.";

/** Starts to watch a page before it is opened; the list grows while it lives. */
export function watchPage(page: Page, origin: string): readonly string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.text() === NO_ADAPTER) return;
    if (message.type() === "error" || message.type() === "warning") faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) faults.push(`off-origin: ${url}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return faults;
}
