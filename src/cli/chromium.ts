// A headless Chromium for tests and measurements: the one of `@sparticuz/chromium` with the system libraries that a bare machine lacks (Linux x64),
// unpacked once into the user's cache; elsewhere the Chrome that is installed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LaunchOptions } from "playwright";
import { cachePath, fillFolder, isPrivate } from "../node/cache.ts";

const ARGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-quic"];

/** What Playwright's `chromium.launch` needs for a Chromium whose WebGPU runs on SwiftShader. */
export async function chromiumOptions(): Promise<LaunchOptions> {
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome", args: ARGS };
  const folder = cachePath("chromium-147.0.0");
  if (!isPrivate(folder))
    await fillFolder(
      folder,
      () => isPrivate(folder),
      (fresh) => unpack(fresh, folder),
    );
  const libraries = [join(folder, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return {
    executablePath: join(folder, "chromium"),
    args: ARGS,
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: folder } as Record<string, string>,
  };
}

/** Lets the package unpack into `fresh`, which will be `folder`. It follows these variables, and changes others, so all are put back. */
async function unpack(fresh: string, folder: string): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: fresh, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" }); // "Lambda": bring the system libraries, too
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    await chromium.executablePath();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
  const config = `<dir>${join(folder, "fonts")}</dir><cachedir>${join(folder, "fonts-cache")}</cachedir>`;
  writeFileSync(join(fresh, "fonts.conf"), `<?xml version="1.0"?><fontconfig>${config}</fontconfig>\n`);
}
