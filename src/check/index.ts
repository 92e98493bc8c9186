/**
 * What gpugrad's own tests and `doctor` use to find out whether a device computes right, for everyone.
 * @module gpugrad/check
 */
/// <reference lib="dom" preserve="true" />
export { type Comparison, compare, type Expected, expect, toleranceOf } from "./compare.ts";
export { type Calls, type CountedGpu, countCalls } from "./count.ts";
export { type Draw, drawOf } from "./draw.ts";
export { GRADIENT_TOLERANCE, gradientOf, type Slope, slopesOf } from "./gradient.ts";
export { checkOps, type OpReport, sampledOps } from "./ops.ts";
export { type Prepared, prepareSample, runReference, runSample, runSamples, type SampleRun } from "./run.ts";
export { type Refusal, type Row, type Sample, type SampleInput, sample } from "./sample.ts";
export { type SampleName, samples } from "./samples.ts";
export { type Answer, type SelfTest, selfTest } from "./selfTest.ts";
export { measureSpeed, type Speed } from "./speed.ts";
export type { Domain } from "./values.ts";
