// What a run shows on a terminal before it trains.
import { afterEach, expect, test, vi } from "vitest";
import { openDisplay } from "../../src/cli/start/display.ts";

afterEach(() => vi.restoreAllMocks());

test("a terminal shows how far compiling is, in one line that the next one replaces", () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  Object.defineProperty(process.stderr, "isTTY", { value: true, configurable: true });
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(`${text}`) > 0);
  try {
    const display = openDisplay(false);
    display.wait("compiling 1 of 2 kernels");
    display.wait("compiling 2 of 2 kernels");
    display.close();
  } finally {
    if (isTTY) Object.defineProperty(process.stderr, "isTTY", isTTY);
    else Reflect.deleteProperty(process.stderr, "isTTY");
  }
  const clear = "\r\x1b[K";
  const line = (done: number) => `\r\x1b[2mcompiling ${done} of 2 kernels …\x1b[22m`;
  expect(written).toEqual([line(1), clear, line(2), clear]);
});
