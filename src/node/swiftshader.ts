// SwiftShader, a Vulkan driver in software, from the npm package `@sparticuz/chromium` (Linux x64). Its libraries are unpacked once into a
// cache folder that only this user can open, and their digests are checked at every use.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join, sep } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { DeviceError } from "../core/error.ts";
import { cachePath, fillFolder, isPrivate } from "./cache.ts";

const ICD = "vk_swiftshader_icd.json";
const LOADER = "libvulkan.so.1";

/** SHA-256 of the files of version 147.0.0, the one that Node 20 can run. */
const DIGESTS: Readonly<Record<string, string>> = {
  "libvk_swiftshader.so": "5b9e8591c7c2d1c9618c3ad485d0cdffb81f5f1ffd6a982fdb6578c2d8d3213e",
  [LOADER]: "fe17a77c1f2df38d3b6a935140f746fd80aac564bb44eb3e4f6b75a504295a41",
  [ICD]: "c9eef28b6b984fec220ef0abfecc40b502d46946706e47bfe97707027cb818bd",
};

/** glibc's RTLD_NODELETE: the library stays, though Node closes what is not one of its add-ons. */
const RTLD_NODELETE = 0x1000;

/**
 * Makes SwiftShader's libraries ready for a Dawn of this process and returns the variables that Vulkan's loader must find.
 * The loader itself (`libvulkan.so.1`) comes from the same package, since a bare machine has none: once it is in this process,
 * Dawn's own dlopen of that name gets it. @throws DeviceError where that cannot be.
 */
export async function prepareSwiftShader(): Promise<Record<string, string>> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new DeviceError(`SwiftShader from npm is for Linux x64, this is ${process.platform} ${process.arch}`);
  }
  const folder = cachePath(`swiftshader-${DIGESTS["libvk_swiftshader.so"]!.slice(0, 12)}`);
  if (!isWhole(folder)) {
    await fillFolder(folder, () => isWhole(folder), unpack).catch((cause: Error) => {
      if (cause instanceof DeviceError) throw cause;
      const hint = "Point XDG_CACHE_HOME at a folder of yours";
      throw new DeviceError(`SwiftShader cannot be unpacked: ${cause.message}. ${hint}`, { cause });
    });
  }
  try {
    process.dlopen({ exports: {} }, join(folder, LOADER), constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register": a library, and no add-on of Node's.
  }
  const icd = join(folder, ICD);
  return { VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd };
}

/** True where `folder` is this user's alone and holds exactly the files of `DIGESTS`. */
function isWhole(folder: string): boolean {
  if (!isPrivate(folder)) return false;
  try {
    return Object.entries(DIGESTS).every(([name, digest]) => sha256(readFileSync(join(folder, name))) === digest);
  } catch {
    return false;
  }
}

/** Writes the files of `DIGESTS` from the package's archive into `folder`. */
function unpack(folder: string): void {
  const files = readTar(brotliDecompressSync(readFileSync(archivePath())));
  for (const [name, digest] of Object.entries(DIGESTS)) {
    const bytes = files.get(name);
    if (!bytes || sha256(bytes) !== digest) {
      throw new DeviceError(
        `SwiftShader: ${name} is not the one of @sparticuz/chromium 147.0.0. Install exactly that version`,
      );
    }
    writeFileSync(join(folder, name), bytes, { mode: 0o700 });
  }
}

function archivePath(): string {
  const PACKAGE = `${sep}${join("@sparticuz", "chromium")}${sep}`;
  try {
    const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    return join(entry.slice(0, entry.lastIndexOf(PACKAGE)), PACKAGE, "bin", "swiftshader.tar.br");
  } catch (cause) {
    throw new DeviceError("SwiftShader is not installed. Try: npm install webgpu@0.6 @sparticuz/chromium@147.0.0", {
      cause,
    });
  }
}

/** The plain files of a ustar archive: blocks of 512 bytes, a header each, name at 0 and octal size at 124. */
function readTar(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) =>
      tar.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    if (Number.isNaN(size))
      throw new DeviceError("SwiftShader: its archive is damaged. Install @sparticuz/chromium again");
    files.set(text(0, 100).replace(/^\.\//, ""), tar.subarray(at + 512, at + 512 + size));
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return files;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
