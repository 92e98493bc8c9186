// One measurement, as it goes into result files.
import type { PeerName } from "./peers.ts";

export interface Row {
  readonly suite: string;
  readonly case: string;
  readonly system: "gpugrad" | PeerName;
  /** The one of this run, in rows of peers that compute on the CPU too: what was measured side by side stays together. */
  readonly adapter: string;
  /** Why a peer has no figures. */
  readonly note?: string;
  /** Median of all repetitions, and the distance between the quarters as a share of it. */
  readonly milliseconds?: number;
  readonly spread?: number;
  /** Training steps, batches of a forward pass, or runs of a kernel. */
  readonly stepsPerSecond?: number;
  /** On software adapters the device runs on this process's threads, so this survives a busy machine. */
  readonly stepsPerCpuSecond?: number;
  readonly gflops?: number;
  readonly gflopsPerCpuSecond?: number;
  /** Bytes that must be read and written at least, 10⁹ a second. */
  readonly gigabytesPerSecond?: number;
  /** Of what the adapter was seen to reach in the same run, in a chain of multiplications and additions and in a copy. */
  readonly shareOfFma?: number;
  readonly shareOfCopy?: number;
  /** CPU time of the calling thread for each dispatch. */
  readonly hostMicroseconds?: number;
  /** Per step. */
  readonly dispatches?: number;
  readonly submits?: number;
  readonly bindGroups?: number;
  readonly buffers?: number;
  readonly writes?: number;
  /** Memory of a program: what its plan gives to values, what any plan needs at least, what is in its bind groups, and how much more that is. */
  readonly plannedBytes?: number;
  readonly peakLiveBytes?: number;
  readonly boundBytes?: number;
  readonly boundOfPeak?: number;
  /** What it need not have: values written over others, values worked out again. */
  readonly inPlaceBytes?: number;
  readonly recomputedBytes?: number;
  /** All that the program made; all buffers of the device, data set and parameters included. */
  readonly programBytes?: number;
  readonly liveBytes?: number;
}
