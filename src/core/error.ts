// Every error gpugrad throws. Text: "<call>: <what is wrong>: <the values>[. <what to do>]"; broken invariants of ours start with "internal:".

/** Extra facts carried by an error: `cause` is kept as usual, the rest become readable fields. */
export type ErrorFields = { readonly cause?: unknown; readonly [field: string]: unknown };

/** The base of all errors that gpugrad throws on purpose. */
export class GpugradError extends Error {
  readonly fields: ErrorFields;
  constructor(message: string, fields: ErrorFields = {}) {
    super(message, "cause" in fields ? { cause: fields.cause } : undefined);
    this.name = new.target.name;
    this.fields = fields;
  }
}

/** Ranks, sizes, axes or dtypes that do not fit together. */
export class ShapeError extends GpugradError {}
/** Data that cannot be used: empty, truncated, mislabelled, not finite, out of range. */
export class DataError extends GpugradError {}
/** An option that is unknown or outside its range. */
export class OptionError extends GpugradError {}
/** No device, a lost device, or a device out of memory. */
export class DeviceError extends GpugradError {}
/** A WGSL module that the device refuses. */
export class ShaderError extends GpugradError {}
/** A loss or gradient that stopped being finite. */
export class NonFiniteError extends GpugradError {}

/** An invariant of ours that does not hold: a bug in gpugrad, not in the caller's code. */
export function internal(what: string): GpugradError {
  return new GpugradError(`internal: ${what}`);
}
