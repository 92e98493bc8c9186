// Where and beside what a case is measured.
import type { CountedGpu } from "../../check/count.ts";
import type { Device, DispatchTime } from "../../graph/device.ts";
import type { Place } from "./peers.ts";
import type { Timing } from "./timing.ts";

/** What an adapter can do at most, in operations and bytes a second: of the seconds that count on it. */
export interface Ceiling {
  readonly flops: number;
  readonly bytes: number;
}

/** The seconds that count on a device: a software adapter shares the CPU with everything else on the machine. */
export function secondsOn(device: Device, { seconds, cpuSeconds }: Pick<Timing, "seconds" | "cpuSeconds">): number {
  return device.info.class === "software" ? cpuSeconds : seconds;
}

/** What measuring a kernel or a step may be given besides the device. */
export interface Extras {
  /** Given where peers are measured too. */
  readonly place?: Place | undefined;
  /** Given where calls of WebGPU are counted: the device was opened through it. */
  readonly counted?: CountedGpu | undefined;
  /** Given where figures are shown as shares of what the adapter can do. */
  readonly ceiling?: Ceiling | undefined;
  /** Told the profile of what has been measured. */
  readonly trace?: ((name: string, times: readonly DispatchTime[]) => void) | undefined;
}

export interface Site extends Extras {
  /** The rung of the ladder: "lavapipe". */
  readonly name: string;
  readonly gpu: GPU;
  readonly device: Device;
  readonly counted: CountedGpu;
}
