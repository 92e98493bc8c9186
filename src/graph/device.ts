// What any device, GPU or CPU, does for the layers above. They never ask which one they have.

import type { DeviceInfo } from "../core/deviceInfo.ts";
import type { DType, Storage, TypedArray } from "../core/dtype.ts";
import type { GpugradError } from "../core/error.ts";
import type { Shape } from "../core/shape.ts";
import type { Node } from "./node.ts";

/** What lies in a piece of memory. */
export interface MemorySpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly storage?: Storage;
  readonly label?: string;
}

/** Memory on a device that holds one tensor. */
export interface Memory extends MemorySpec {
  readonly size: number;
  readonly bytes: number;
}

/** A graph to be run again and again. */
export interface Task {
  /** Values to compute. */
  readonly outputs: readonly Node[];
  /** New state → the old state (a leaf) whose memory it replaces after each run. */
  readonly donations: ReadonlyMap<Node, Node>;
  /** The memory behind every leaf. */
  readonly memoryOf: ReadonlyMap<Node, Memory>;
  /** Gives every stored value memory of its own, so that all of them can be looked at afterwards. */
  readonly keepsAll?: boolean;
}

/** Fetched values, one array for each memory; to be called once. */
export type Reading = () => Promise<TypedArray[]>;

/** What a program costs. */
export interface ExecutableStats {
  /** Dispatches of one run. */
  readonly dispatches: number;
  /** The most runs that one dispatch does, where a whole step is one kernel. */
  readonly stepsPerDispatch?: number;
  /** Bytes bound for values inside the program, and the least that they would need. */
  readonly sharedBytes: number;
  readonly peakLiveBytes: number;
  /** All memory that the program made for itself. */
  readonly ownBytes: number;
}

/** One dispatch: what it is for, how much work that is, and how long it takes. */
export interface DispatchTime {
  /** The ops that it computes: "matmul+relu". */
  readonly label: string;
  readonly file: string;
  /** The layer that it belongs to, by path and name: "0 conv2d(8, 5×5)". None for data, loss and optimiser. */
  readonly layer?: string;
  /** Gradients belong to the layer that they are the gradient of; what becomes of all of them is the update. "step": all of it in one dispatch. */
  readonly phase: "forward" | "backward" | "update" | "step";
  /** Bytes of memory that must be read and written at least, each once. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Arithmetic as the ops count it: multiplications and additions, and what else costs as much as so many of them. */
  readonly flops: number;
  /** The median over all steps. */
  readonly milliseconds: number;
  /** "device": timestamps around the dispatch. "host": wall time of submissions that repeat it, what those take themselves included. */
  readonly clock: "device" | "host";
  /** Begin and end in each step, ms since the first dispatch began. By the host's clock one step, put end to end. */
  readonly spans: readonly (readonly [begin: number, end: number])[];
}

/** One dispatch of a walk: what it reads and what it writes. */
export interface WalkStep {
  readonly kernel: Node | undefined;
  readonly reads: readonly Node[];
  readonly writes: readonly Node[];
}

/** Sees the device before a dispatch and gives what to do after it. */
export type WalkWatcher = (step: WalkStep, read: (node: Node) => Promise<TypedArray>) => Promise<() => Promise<void>>;

/** A task made ready: everything it needs exists, running it creates nothing. */
export interface Executable {
  /** The memory of each output, in order; overwritten by the next run. */
  readonly outputs: readonly Memory[];
  readonly stats: ExecutableStats;
  /**
   * Queues `times` runs in one submission, then copies `fetch`. Nothing is awaited: calling the result starts the reading, which
   * is best put off until the device is nearly done, since waiting costs a software adapter the core it computes on.
   */
  run(times: number, fetch?: readonly Memory[]): Reading;
  /** Runs once, one dispatch at a time, for debugging; needs a task with `keepsAll`. */
  walk?(watch: WalkWatcher): Promise<void>;
  /** Times each dispatch over some steps; state advances meanwhile. */
  profile?(steps?: number): Promise<DispatchTime[]>;
  /** The plan in words: one line a dispatch. */
  print(): Promise<string>;
  /** Frees what the program made for itself. */
  release(): void;
}

/** How many pipelines of how many a program has. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** An open device: it holds memory and runs graphs. */
export interface Device {
  readonly info: DeviceInfo;
  /** The first thing that went wrong; results are void from then on. */
  readonly failure: GpugradError | undefined;
  readonly isClosed: boolean;
  /** Calls `listener` at the first failure; gives a function that takes it away again. */
  onFailure(listener: (failure: GpugradError) => void): () => void;
  /** @throws GpugradError that names `call` where the device is closed or has failed */
  check(call: string): void;
  /** Memory of zeros. */
  allocate(spec: MemorySpec): Memory;
  /** Gives memory back; it must not be used again. */
  free(memory: Memory): void;
  /** Copies `data` (elements, or bytes for u8 storage) to element `start`. */
  write(memory: Memory, data: ArrayLike<number>, start?: number): void;
  /** Copies all elements; both must be of one size. */
  copy(from: Memory, to: Memory): void;
  /** The elements as they are once all that was queued before is done. */
  read(memory: Memory): Promise<TypedArray>;
  /** Makes a task ready to run, and tells how far that is. */
  prepare(task: Task, progress?: (progress: Progress) => void): Promise<Executable>;
  /** Lets the device and all its memory go. */
  close(): void;
}
