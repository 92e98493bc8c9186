// Notices a device that has gone silent without being lost: asks it for four bytes now and then, behind whatever is queued.
import type { Device } from "../graph/device.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";

const TICK = 250; // ms
/** Ticks that an answer may take at least; while the first ones come, kernels are still being compiled. */
const LIMIT = 12;
const LIMIT_AT_FIRST = 60;
const FIRST_ANSWERS = 8;
/** How many times as long as any before it an answer may take. */
const PATIENCE = 8;

/** Watches a device while somebody waits for it. Time is counted in ticks of its own, so that a machine which slept raises no alarm. */
export class Watchdog {
  readonly #device: Device;
  readonly #patience: number;
  readonly #onSilent: () => void;
  #question: Tensor | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #holders = 0;
  #answers = 0;
  /** Ticks. */
  #longest = 0;
  /** Ticks since the question; −1 when there is none. */
  #waiting = -1;

  /** `patience` multiplies how long answers may take. */
  constructor(device: Device, patience: number, onSilent: () => void) {
    this.#device = device;
    this.#patience = patience;
    this.#onSilent = onSilent;
  }

  /** Watches until the result is called. */
  hold(): () => void {
    this.#holders++;
    this.#timer ??= setInterval(() => this.#tick(), TICK);
    return () => {
      if (--this.#holders === 0) this.#rest();
    };
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#waiting < 0) {
      this.#ask();
      return;
    }
    const limit = Math.max(LIMIT, PATIENCE * this.#longest, this.#answers < FIRST_ANSWERS ? LIMIT_AT_FIRST : 0);
    if (++this.#waiting <= limit * this.#patience) return;
    this.#rest();
    this.#onSilent();
  }

  #ask(): void {
    if (this.#device.isClosed || this.#device.failure) return; // others notice
    this.#waiting = 0;
    this.#question ??= emptyTensor(this.#device, { shape: [], dtype: "u32", label: "watchdog" });
    this.#question.read().then(
      () => {
        this.#answers++;
        this.#longest = Math.max(this.#longest, this.#waiting);
        this.#waiting = -1;
      },
      () => this.#rest(),
    );
  }
}
