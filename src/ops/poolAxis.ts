// The two kinds of axis a pool has, windows that slide and windows that share the axis out, as numbers and as WGSL.
import { OptionError, ShapeError } from "../core/error.ts";
import { reachOf, type WindowAxis } from "./window.ts";

/** Adaptive windows: window o covers ⌊o·input/output⌋ … ⌈(o + 1)·input/output⌉ − 1. */
export interface SharedAxis {
  readonly input: number;
  readonly output: number;
  readonly isShared: true;
}

export type PoolAxis = WindowAxis | SharedAxis;

/** Rows and columns of a pool. */
export interface PoolAxes {
  readonly rows: PoolAxis;
  readonly columns: PoolAxis;
}

/** Adaptive windows of different sizes. */
export const isShared = (axis: PoolAxis): axis is SharedAxis => "isShared" in axis;

/** Windows of one size, side by side, are sliding ones; only where `output` does not divide `input` they are not. */
export function sharedAxis(call: string, input: number, output: number): PoolAxis {
  if (!Number.isInteger(output) || output < 1)
    throw new OptionError(`${call}: output size must be a whole number from 1 on: got ${output}`, { output });
  if (input === 0) throw new ShapeError(`${call}: nothing to pool: an axis of the image has no elements`);
  if (input * output >= 2 ** 32)
    throw new ShapeError(`${call}: too large for 32-bit indices: ${input} elements into ${output} windows`);
  if (input % output > 0) return { input, output, isShared: true };
  const size = input / output;
  return { input, output, size, stride: size, dilation: 1, before: 0, after: 0 };
}

/** Positions in the input that window `o` covers, padding left out. */
export function positionsOf(axis: PoolAxis, o: number): number[] {
  const positions: number[] = [];
  if (isShared(axis)) {
    const end = Math.ceil(((o + 1) * axis.input) / axis.output);
    for (let at = Math.floor((o * axis.input) / axis.output); at < end; at++) positions.push(at);
    return positions;
  }
  for (let tap = 0; tap < axis.size; tap++) {
    const at = o * axis.stride + tap * axis.dilation - axis.before;
    if (at >= 0 && at < axis.input) positions.push(at);
  }
  return positions;
}

/** Every window with every position it covers: [window, position], windows in order. */
export function coverage(axis: PoolAxis): [window: number, position: number][] {
  return Array.from({ length: axis.output }, (_, o) => o).flatMap((o) =>
    positionsOf(axis, o).map((at): [number, number] => [o, at]),
  );
}

/** Taps that a window has at most. */
export function mostTaps(axis: PoolAxis): number {
  return isShared(axis) ? most(axis.output, (o) => positionsOf(axis, o).length) : axis.size;
}

/** Windows that cover one position at most: 1 where none overlap. */
export function mostWindows(axis: PoolAxis): number {
  const { input, output } = axis;
  if (isShared(axis))
    return most(input, (at) => Math.ceil(((at + 1) * output) / input) - Math.floor((at * output) / input));
  return Math.min(output, Math.ceil(reachOf(axis) / axis.stride));
}

const most = (count: number, of: (k: number) => number): number =>
  Array.from({ length: count }, (_, k) => of(k)).reduce((a, b) => Math.max(a, b), 1);

/** True when the axis has one window, which holds all of it and no padding. */
export function isWhole(axis: PoolAxis): boolean {
  return !isShared(axis) && axis.output === 1 && axis.input === axis.size && axis.before === 0 && axis.dilation === 1;
}

/** An axis of `count` windows of one element. */
export function everyOne(count: number): PoolAxis {
  return { input: count, output: count, size: 1, stride: 1, dilation: 1, before: 0, after: 0 };
}

/** True when every position is a window of its own. */
export function isIdentity(axis: PoolAxis): boolean {
  return !isShared(axis) && axis.size === 1 && axis.stride === 1 && axis.input === axis.output && axis.before === 0;
}

/** Binds an expression to a name. */
type Local = (type: string, expression: string) => string;

/** A place along an axis as a u32 expression, and what must hold for it to count. */
export interface Place {
  readonly at: string;
  readonly conditions: readonly string[];
}

/** WGSL for the taps of window `o`. */
export function tapsOf(axis: PoolAxis, o: string, local: Local): (tap: string) => Place {
  if (isShared(axis)) {
    const { input, output } = axis;
    const first = local("u32", `${o} * ${input}u / ${output}u`);
    const end = local("u32", `((${o} + 1u) * ${input}u + ${output - 1}u) / ${output}u`);
    return (tap) => {
      const at = local("u32", sum(first, tap));
      return { at, conditions: [`${at} < ${end}`] };
    };
  }
  const { input, output, stride, dilation, before } = axis;
  const first = local("u32", before > 0 ? `${times(o, stride)} - ${before}u` : times(o, stride)); // in front of the input it wraps round
  const isClipped = before > 0 || (output - 1) * stride + reachOf(axis) > input;
  return (tap) => {
    const at = local("u32", sum(first, times(tap, dilation)));
    return { at, conditions: isClipped ? [`${at} < ${input}u`] : [] };
  };
}

/** One window that may cover a position. */
export interface Candidate extends Place {
  /** What else must hold for it to cover the position. */
  readonly covers: readonly string[];
}

/** WGSL for the windows that may cover `position`: the last of them, or so many in front of that. */
export function windowsOver(axis: PoolAxis, position: string, local: Local): (back: string) => Candidate {
  const { input, output } = axis;
  const exists = (at: string, back: string) => (back === "0u" ? [] : [`${at} < ${output}u`]); // in front of the first it wraps round
  const step = (last: string, back: string) => (back === "0u" ? last : local("u32", `${last} - ${back}`));
  if (isShared(axis)) {
    const first = local("u32", `${position} * ${output}u / ${input}u`);
    const last = local("u32", `((${position} + 1u) * ${output}u + ${input - 1}u) / ${input}u - 1u`);
    return (back) => {
      const at = step(last, back);
      return { at, conditions: exists(at, back), covers: [`${at} >= ${first}`] };
    };
  }
  const { stride, dilation, before } = axis;
  const reach = reachOf(axis);
  const padded = local("u32", sum(position, `${before}u`));
  const nearest = stride === 1 ? padded : `${padded} / ${stride}u`;
  const isExact = Math.floor((input - 1 + before) / stride) < output; // the window that starts last in front of any position exists
  const last = local("u32", isExact ? nearest : `min(${nearest}, ${output - 1}u)`);
  const isFull = isExact && reach === stride * mostWindows(axis);
  return (back) => {
    const at = step(last, back);
    const distance = isFull && dilation === 1 ? "" : local("u32", `${padded} - ${times(at, stride)}`);
    const covers = [
      ...(isFull ? [] : [`${distance} < ${reach}u`]),
      ...(dilation > 1 ? [`${distance} % ${dilation}u == 0u`] : []),
    ];
    return { at, conditions: exists(at, back), covers };
  };
}

const times = (text: string, factor: number): string => (text === "0u" || factor === 1 ? text : `${text} * ${factor}u`);
const sum = (a: string, b: string): string => (b === "0u" ? a : a === "0u" ? b : `${a} + ${b}`);
