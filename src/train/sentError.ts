// Errors across a channel: what is thrown over there is thrown here, of the same class and with the same fields.
import {
  DataError,
  DeviceError,
  GpugradError,
  NonFiniteError,
  OptionError,
  ShaderError,
  ShapeError,
} from "../core/error.ts";

const CLASSES = { DataError, DeviceError, GpugradError, NonFiniteError, OptionError, ShaderError, ShapeError };

/** An error as plain data. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: SentError;
}

/** An error made ready for `postMessage`; fields that cannot be copied are left out. */
export function packError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), fields: {} };
  const { name, message, stack, cause } = error;
  const fields = error instanceof GpugradError ? error.fields : {};
  const kept = Object.entries(fields).filter(([field, value]) => field !== "cause" && isCloneable(value));
  return {
    ...{ name, message, stack, fields: Object.fromEntries(kept) },
    ...(cause === undefined ? {} : { cause: packError(cause) }),
  };
}

/** The error that was packed. */
export function unpackError({ name, message, stack, fields, cause: packed }: SentError): Error {
  const Kind = Object.hasOwn(CLASSES, name) ? CLASSES[name as keyof typeof CLASSES] : undefined;
  const cause = packed ? { cause: unpackError(packed) } : {};
  const error = Kind ? new Kind(message, { ...fields, ...cause }) : Object.assign(new Error(message, cause), { name });
  if (stack) error.stack = stack;
  return error;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
