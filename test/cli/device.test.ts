// The ladder of devices, by the command that shows it: `node dist/cli/main.js device`.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

type Ended = { readonly status: number | string | null; readonly stdout: string; readonly stderr: string };

/** Runs the command to its end, or to 30 s: a Node that does not exit by itself has no status then. */
function device(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, GPUGRAD_DEVICE: "", ...env }, timeout: 30_000 };
    execFile(process.execPath, ["dist/cli/main.js", "device", ...args], options, (error, stdout, stderr) => {
      resolve({ status: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

test("the CPU reference is there without any adapter", async () => {
  expect(await device(["--device", "cpu"])).toEqual({ status: 0, stdout: "device: the CPU reference\n", stderr: "" });
});

test("an unknown device is refused with the known ones", async () => {
  const byOption = await device(["--device", "gpu"]);
  expect(byOption.status).toBe(2);
  expect(byOption.stderr).toContain("Allowed choices are auto, hardware, lavapipe, swiftshader, cpu");
  const byVariable = await device([], { GPUGRAD_DEVICE: "gpu" });
  expect(byVariable.status).toBe(2);
  expect(byVariable.stderr).toContain("Allowed choices are auto, hardware, lavapipe, swiftshader, cpu");
});

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")(
  "on Linux x64 alone, for which npm has SwiftShader",
  () => {
    const cache = mkdtempSync(join(tmpdir(), "gpugrad-test-"));
    const noDrivers = {
      XDG_DATA_DIRS: "/nowhere",
      XDG_DATA_HOME: "/nowhere",
      VK_DRIVER_FILES: "",
      VK_ICD_FILENAMES: "",
    };
    const folder = () => join(cache, "gpugrad", readdirSync(join(cache, "gpugrad"))[0]!);
    afterAll(() => rmSync(cache, { recursive: true, force: true }));

    test("two processes that unpack SwiftShader at once both get it, in a folder for this user only, and exit by themselves", async () => {
      const arguments_ = ["--device", "swiftshader", "--json"];
      const both = await Promise.all([1, 2].map(() => device(arguments_, { XDG_CACHE_HOME: cache })));
      for (const { status, stdout } of both) {
        expect(status).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ device: "swiftshader", vendor: "google", class: "software" });
      }
      expect(readdirSync(join(cache, "gpugrad"))).toHaveLength(1);
      expect(statSync(folder()).mode & 0o777).toBe(0o700);
    });

    test("a damaged library in the cache is unpacked again", async () => {
      const library = join(folder(), "libvk_swiftshader.so");
      const whole = readFileSync(library);
      const damaged = Buffer.from(whole);
      damaged[1000] = damaged[1000]! ^ 1;
      writeFileSync(library, damaged);
      expect((await device(["--device", "swiftshader"], { XDG_CACHE_HOME: cache })).status).toBe(0);
      expect(readFileSync(library).equals(whole)).toBe(true);
    });

    test("a cache that cannot be written is named", async () => {
      const file = join(cache, "file");
      writeFileSync(file, "");
      const { status, stderr } = await device(["--device", "swiftshader"], { XDG_CACHE_HOME: file });
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^error: device swiftshader: SwiftShader cannot be unpacked: ENOTDIR.* Point XDG_CACHE_HOME/,
      );
    });

    test("a device that this machine lacks is an error in one line, and auto goes on to the next", async () => {
      const asked = await device(["--device", "lavapipe"], { ...noDrivers, XDG_CACHE_HOME: cache });
      expect(asked).toEqual({
        status: 1,
        stdout: "",
        stderr: "error: device lavapipe: Mesa's lvp_icd.json is not installed\n",
      });
      const { status, stdout } = await device(["--device", "auto"], { ...noDrivers, XDG_CACHE_HOME: cache });
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /^device: (hardware: |swiftshader: SwiftShader.*no lavapipe: Mesa's lvp_icd\.json is not installed)/,
      );
    });
  },
);
