import { chromium } from "playwright";
import { preview } from "vite";
import { readdirSync } from "node:fs";
const chromiumOptions = Object.values(await import("./dist/cli/" + readdirSync("dist/cli").find((f) => /^chromium/.test(f)))).find((f) => f.name === "chromiumOptions");
const srv = await preview({ configFile: false, root: "dist/site", build: { outDir: "." }, preview: { host: "127.0.0.1", port: 4198 }, logLevel: "error" });
const browser = await chromium.launch(await chromiumOptions());
const page = await browser.newPage();
page.on("console", (m) => console.log("console", m.text()));
page.on("pageerror", (m) => console.log("pageerror", m.message));
const t0 = Date.now();
await page.goto("http://127.0.0.1:4198/digits/");
await page.waitForFunction(() => { const d = [...document.querySelectorAll(".stats dd")].map((e) => e.textContent); return Number(d[4]) > 0; }, null, { timeout: 60000 });
console.log("first steps after", Date.now() - t0);
for (let i = 0; i < 5; i++) { await page.waitForTimeout(4000); console.log(await page.locator(".stats dd").allInnerTexts()); }
await browser.close(); await srv.close(); process.exit(0);
