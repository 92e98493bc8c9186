// The examination, off the page's thread: self-test, every function with its gradient against the float64 reference, speed.
import { openDevice } from "gpugrad";
import { checkOps, measureSpeed, sampledOps, selfTest } from "gpugrad/check";
import { showLife } from "../ui/workerLife.ts";
import type { Finding } from "./messages.ts";

const tell = (finding: Finding) => postMessage(finding);

async function examine(): Promise<void> {
  const start = performance.now();
  const device = await openDevice({ device: "auto" });
  try {
    // The reference is what devices are compared with: on it there is only speed to measure.
    const isReference = device.info.class === "cpu";
    tell({ kind: "device", info: device.info, ops: isReference ? 0 : sampledOps.length });
    if (!isReference) {
      tell({ kind: "selfTest", selfTest: await selfTest() });
      for await (const report of checkOps(device)) tell({ kind: "op", report });
    }
    tell({ kind: "measuring" });
    tell({ kind: "speed", speed: await measureSpeed(device) });
    tell({ kind: "done", seconds: (performance.now() - start) / 1000 });
  } finally {
    device.close();
  }
}

showLife();
examine().catch((error: Error) => tell({ kind: "failed", reason: error.message }));
