// Errors as they are thrown by built pages, whose bundlers rename classes.
import { expect, test } from "vitest";
import {
  DataError,
  DeviceError,
  GpugradError,
  NonFiniteError,
  OptionError,
  ShaderError,
  ShapeError,
} from "../../src/core/error.ts";
import { packError, unpackError } from "../../src/train/sentError.ts";

const CLASSES = { DataError, DeviceError, GpugradError, NonFiniteError, OptionError, ShaderError, ShapeError };

test.each(Object.entries(CLASSES))(
  "a %s keeps its name, here and across a channel, where its class is renamed",
  (name, Kind) => {
    Object.defineProperty(Kind, "name", { value: "a" });
    const error = new Kind("call: wrong: 3", { size: 3 });
    expect(error.name).toBe(name);
    expect(`${error}`).toBe(`${name}: call: wrong: 3`);
    const there = unpackError(packError(error));
    expect(there.constructor).toBe(Kind);
    expect(there).toMatchObject({ name, message: "call: wrong: 3", fields: { size: 3 } });
  },
);
