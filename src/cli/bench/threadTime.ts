// CPU time of the calling thread alone: a software adapter's own threads belong to the same process and must not be counted.
import { readFileSync } from "node:fs";

/** Node from 23.9 on asks the system; Linux tells the main thread's in a file. */
const system = (process as { threadCpuUsage?: () => { readonly user: number; readonly system: number } })
  .threadCpuUsage;
const FILE = `/proc/self/task/${process.pid}/schedstat`;

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Microseconds that the main thread has computed; where nobody tells, those that have gone by. */
export function threadMicroseconds(): number {
  if (system) {
    const used = system();
    return used.user + used.system;
  }
  if (process.platform !== "linux") return performance.now() * 1000;
  Atomics.wait(cell, 0, 0, 0.05); // Linux brings the file up to date when the thread sleeps
  return Number(readFileSync(FILE, "utf8").split(" ")[0]) / 1000; // ns
}
