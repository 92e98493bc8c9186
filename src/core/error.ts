// Every error gpugrad throws. Text: "<call>: <what is wrong>: <the values>[. <what to do>]"; broken invariants of ours start with "internal:".

/** Extra facts carried by an error: `cause` is kept as usual, the rest become readable fields. */
export type ErrorFields = { readonly cause?: unknown; readonly [field: string]: unknown };

/** The base of all errors that gpugrad throws on purpose. */
export class GpugradError extends Error {
  override name = "GpugradError"; // written out, for bundlers rename classes
  readonly fields: ErrorFields;
  constructor(message: string, fields: ErrorFields = {}) {
    super(message, "cause" in fields ? { cause: fields.cause } : undefined);
    this.fields = fields;
  }
}

/** Ranks, sizes, axes or dtypes that do not fit together. */
export class ShapeError extends GpugradError {
  override name = "ShapeError";
}
/** Data that cannot be used: empty, truncated, mislabelled, not finite, out of range. */
export class DataError extends GpugradError {
  override name = "DataError";
}
/** An option that is unknown or outside its range. */
export class OptionError extends GpugradError {
  override name = "OptionError";
}
/** No device, a lost device, or a device out of memory. */
export class DeviceError extends GpugradError {
  override name = "DeviceError";
}
/** A WGSL module that the device refuses. */
export class ShaderError extends GpugradError {
  override name = "ShaderError";
}
/** A loss or gradient that stopped being finite. */
export class NonFiniteError extends GpugradError {
  override name = "NonFiniteError";
}

/** An invariant of ours that does not hold: a bug in gpugrad, not in the caller's code. */
export function internal(what: string): GpugradError {
  return new GpugradError(`internal: ${what}`);
}
