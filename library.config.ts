// Builds dist/lib: every file of src by itself, its types stripped and its imports renamed, so that a user's bundler
// can leave out what a program does not need. Shaders become modules. (Declarations come from tsc.)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformWithOxc } from "vite";

const OUT = "dist/lib";

/** Writes src without its commands, and the shaders, as JavaScript modules to dist/lib. */
export async function buildLibrary(): Promise<void> {
  const isStale = (file: string) => file.endsWith(".d.ts") && !existsSync(join("src", file.replace(/\.d\.ts$/, ".ts")));
  for (const file of list(OUT)) if (file.endsWith(".js") || isStale(file)) rmSync(join(OUT, file));
  for (const file of list("src").filter((name) => /(?<!\.d)\.ts$/.test(name) && !name.startsWith("cli"))) {
    const { code } = await transformWithOxc(readFileSync(join("src", file), "utf8"), file, {
      sourcemap: false,
      typescript: { removeClassFieldsWithoutInitializer: true },
      assumptions: { setPublicClassFields: true },
    });
    write(file.replace(/\.ts$/, ".js"), renameImports(code));
  }
  for (const file of list("shaders").filter((name) => name.endsWith(".wgsl"))) {
    write(join("shaders", `${file}.js`), shaderModule(readFileSync(join("shaders", file), "utf8")));
  }
}

/** A shader without comments and indentation, a third of its bytes. Line numbers stay those of the file. */
export function shaderModule(text: string): string {
  return `export default ${JSON.stringify(text.replace(/[ \t]*(\/\/.*)?$|^[ \t]+/gm, ""))};\n`;
}

/** "./file.ts" → "./file.js"; shaders lie beside src, but inside dist/lib. */
function renameImports(code: string): string {
  return code
    .replace(/(\b(?:from|import) ?\(?"\.[^"]+)\.ts"/g, '$1.js"')
    .replace(/(\bfrom ")\.\.\/((?:\.\.\/)*)(shaders\/[^"]+\.wgsl)\?raw"/g, (_, from, up, path) => {
      return `${from}${up || "./"}${path}.js"`;
    });
}

function write(file: string, text: string): void {
  const path = join(OUT, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}
