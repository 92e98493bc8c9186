// The words of this page.
import { bytes, count, number } from "../ui/format.ts";

export const text = {
  starting: "Opening the device in a worker …",
  checking: "Checking every function and its gradient …",
  checked: (op: string, done: number, of: number) => `${count(done)} of ${count(of)} · ${op}`,
  measuring: "Measuring speed …",
  well: (functions: number, cases: number, seconds: number) =>
    `All ${count(functions)} functions and their gradients agree with float64: ${count(cases)} cases in ${number(seconds, 2)} seconds.`,
  ill: (wrong: number) =>
    wrong === 1
      ? "One function is wrong on this device: see the table."
      : `${count(wrong)} functions are wrong on this device: see the table.`,
  onlyReference: (seconds: number) => `Measured in ${number(seconds, 2)} seconds. There is no GPU to check here.`,
  failed: (reason: string) => `The examination stopped: ${reason}`,
  ended: "the worker ended",
  progress: "Functions checked",
  again: "Check again",
  copy: "Copy report",
  copied: "Copied",
  notCopied: "Copying was refused: select the text below",
  report: "The report as text",

  figures: {
    title: "At a glance",
    functions: "Functions right",
    cases: "Cases",
    matmul: "Matrix product, GFLOP/s",
    copy: "Copy, GB/s",
  },
  selfTest: {
    title: "Self-test",
    note: "Five questions whose answers a broken driver gets wrong, asked before anything else.",
    waiting: "Not asked yet.",
    without: "Only a GPU is asked.",
    right: "right",
  },
  table: {
    title: "Every function on this device",
    note: "Each runs on samples of many shapes, and so does its gradient. The error is the largest one found, as a share of what rounding in 32 bits may cost.",
    caption: "Functions and their verdicts",
    columns: ["Function", "Cases", "Tolerance", "Largest error", "Verdict"],
    waiting: "The first results come in a moment.",
    reference: "Without WebGPU there is nothing to check: the CPU reference is what GPUs are compared with.",
    exact: "exact",
    ok: "ok",
    wrong: "wrong",
  },
  device: {
    title: "The device",
    caption: "What the device says of itself",
    columns: ["Property", "Value"],
    waiting: "Not open yet.",
    adapter: "Adapter",
    kind: "Class",
    kinds: {
      cpu: "CPU reference",
      software: "software adapter",
      integrated: "integrated GPU",
      discrete: "discrete GPU",
    },
    features: "Features",
    none: "none",
    subgroups: "Threads in a subgroup",
  },
  speed: (gflops: number, size: number, gigabytes: number, ofBytes: number) =>
    `Matrix product of ${size} × ${size}: ${number(gflops)} GFLOP/s. Copy of ${bytes(ofBytes)}: ${number(gigabytes)} GB/s.`,
  /** The limits that decide how large a model may be. */
  limits: {
    maxBufferSize: "Largest buffer",
    maxStorageBufferBindingSize: "Largest binding",
    maxStorageBuffersPerShaderStage: "Buffers a kernel",
    maxComputeWorkgroupsPerDimension: "Workgroups a dimension",
    maxComputeInvocationsPerWorkgroup: "Threads a workgroup",
    maxComputeWorkgroupStorageSize: "Memory of a workgroup",
  },
} as const;
