// TF.js in Node.
import { createRequire } from "node:module";
import { openWith } from "./tfjsNet.js";

const require = createRequire(import.meta.url);
/** The backend for the CPU comes with the package itself. */
const BACKENDS = { webgpu: "@tensorflow/tfjs-backend-webgpu", wasm: "@tensorflow/tfjs-backend-wasm" };

export async function open(task, backend) {
  console.warn = () => {}; // recommends its native package
  const tf = require("@tensorflow/tfjs");
  if (BACKENDS[backend]) require(BACKENDS[backend]);
  return openWith(tf, task, backend);
}
