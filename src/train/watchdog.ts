// Notices a device that has gone silent without being lost: asks it for four bytes now and then, behind whatever is queued.
import type { Device } from "../graph/device.ts";
import { emptyTensor } from "../tensor.ts";

const TICK = 250; // ms
/** Ticks that an answer may take at least; while the first ones come, kernels are still being compiled. */
const LIMIT = 12;
const LIMIT_AT_FIRST = 60;
const FIRST_ANSWERS = 8;
/** How many times as long as any before it an answer may take. */
const PATIENCE = 8;

/** Watches `device` until the result is called. Time is counted in ticks of its own, so that a machine which slept raises no alarm. */
export function watchAnswers(device: Device, patience: number, onSilent: () => void): () => void {
  const tensor = emptyTensor(device, { shape: [], dtype: "u32", label: "watchdog" });
  let answers = 0;
  let longest = 0; // ticks
  let waiting = -1; // ticks since the question, −1 when there is none
  const timer = setInterval(() => {
    if (waiting < 0) {
      waiting = 0;
      device.read(tensor.memory).then(
        () => {
          answers++;
          longest = Math.max(longest, waiting);
          waiting = -1;
        },
        () => clearInterval(timer), // lost: others notice
      );
      return;
    }
    const limit = Math.max(LIMIT, PATIENCE * longest, answers < FIRST_ANSWERS ? LIMIT_AT_FIRST : 0) * patience;
    if (++waiting <= limit) return;
    clearInterval(timer);
    onSilent();
  }, TICK);
  return () => clearInterval(timer);
}
