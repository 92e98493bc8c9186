// Dawn, Chromium's WebGPU, from the npm package `webgpu`. The only file that imports it.
import { DeviceError } from "../core/error.ts";
import { watchAwaited } from "./calm.ts";

/** Dawn rounds timestamps to 65.5 µs unless told not to. */
const FLAGS = ["disable-dawn-features=timestamp_quantization"];

/** Dawn crashes when the object that `create` returned is collected while a device of it lives, so none ever is. */
const instances: GPU[] = [];

/** Makes a new Dawn, which looks for drivers when its first adapter is asked for. Starts no process. */
export async function createDawn(): Promise<GPU> {
  const { create, globals } = await import("webgpu").catch((cause: Error) => {
    const isMissing = (cause as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    const what = isMissing ? "is not installed" : `cannot be loaded: ${cause.message}`;
    throw new DeviceError(`Dawn ${what}. Try: npm install webgpu@0.6`, { cause });
  });
  watchAwaited(globals);
  const dawn = create(FLAGS);
  instances.push(dawn);
  return dawn;
}
