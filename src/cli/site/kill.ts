// Kills the GPU process of a browser of ours.
import type { Browser } from "playwright";
import { GpugradError } from "../../core/error.ts";

/** With these, Chromium starts its GPU process again however often it ends, and lets the page that was there go on using it. */
export const UNLIMITED_KILLS = ["--disable-domain-blocking-for-3d-apis", "--disable-gpu-process-crash-limit"] as const;

/** Kills it at once; gives the moment, in ms since 1970. */
export async function killGpuProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const gpu = processInfo.find(({ type }) => type === "GPU");
    if (!gpu) throw new GpugradError("the browser has no GPU process now");
    const at = performance.timeOrigin + performance.now();
    process.kill(gpu.id, "SIGKILL");
    return at;
  } finally {
    await session.detach();
  }
}
