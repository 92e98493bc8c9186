// The curves' own parts: polynomials, links, points as lines, surfaces and the paths down them, on the CPU reference.
import { describe, expect, test } from "vitest";
import { bandsOf, lastStep, levels } from "../../demo/curves/contour.ts";
import { modelOf } from "../../demo/curves/fitWorker.ts";
import { openLandscape, optimizerOf } from "../../demo/curves/landscape.ts";
import { readLink, writeLink } from "../../demo/curves/link.ts";
import { MOST_POINTS, readLines, readPoints, rounded, writeLines, writePoints } from "../../demo/curves/ownPoints.ts";
import { fitPolynomial, leastSquares } from "../../demo/curves/polynomial.ts";
import { DEFAULTS, type Settings, STOPS } from "../../demo/curves/settings.ts";
import { drawPoints, errorOf, evenly, isShape, rangeOf, shapes } from "../../demo/curves/shapes.ts";
import { OPTIMIZERS, RATES, SIDE, STEPS, type SurfaceName, surfaceOf, surfaces } from "../../demo/curves/surfaces.ts";
import { text } from "../../demo/curves/text.ts";
import { createTrainer, dataset, loss, openDevice } from "../../src/index.ts";

const shapeNames = Object.keys(shapes).filter(isShape);
const surfaceNames = Object.keys(surfaces) as SurfaceName[];
const none = { x: [], y: [] };

describe("points", () => {
  test.each(shapeNames)("%s is drawn from its seed and lies in the plot", (name) => {
    const given = { count: 200, noise: 0.2, seed: 5 };
    const points = drawPoints(name, given);
    expect(drawPoints(name, given)).toEqual(points);
    expect(drawPoints(name, { ...given, seed: 6 })).not.toEqual(points);
    const [low, high] = rangeOf(name);
    for (const y of points.y) expect(y > low && y < high).toBe(true);
  });

  test("without noise are the curve", () => {
    const { x, y } = drawPoints("complex", { count: 20, noise: 0, seed: 1 });
    expect(errorOf(x.map(shapes.complex.of), y)).toEqual({ error: 0, score: 1 });
    expect(shapes.complex.of(0)).toBeCloseTo(-0.29, 12);
  });

  test("errors are mean squares, and R² is 0 for the mean", () => {
    expect(errorOf([2, 2, 2], [1, 2, 3])).toEqual({ error: 2 / 3, score: 0 });
    expect(errorOf([2], [1]).score).toBeNaN();
  });
});

describe("polynomials", () => {
  test("of every degree bring back the one that points lie on", () => {
    for (const degree of STOPS.degree) {
      const x = evenly(60);
      const of = (at: number) => Math.cos(degree * Math.acos(2 * at - 1)); // a polynomial of that degree
      const found = fitPolynomial(x, x.map(of), degree);
      for (const at of evenly(97)) expect(found.at(at)).toBeCloseTo(of(at), 9);
    }
  });

  test("least squares: the residual stands upright on every column", () => {
    const { x, y } = drawPoints("sine", { count: 40, noise: 0.2, seed: 3 });
    const { at } = fitPolynomial(x, y, 5);
    for (let power = 0; power <= 5; power++) {
      const dot = x.reduce((sum, one, i) => sum + (at(one) - (y[i] as number)) * one ** power, 0);
      expect(Math.abs(dot)).toBeLessThan(1e-10);
    }
  });

  test("have no higher degree than places allow", () => {
    expect(fitPolynomial([0.5], [2], 9)).toMatchObject({ degree: 0 });
    expect(fitPolynomial([0.5, 0.5, 0.5], [1, 2, 3], 4).at(0.9)).toBeCloseTo(2, 12);
    const three = fitPolynomial([0.1, 0.5, 0.9], [1, -1, 1], 30);
    expect(three.degree).toBe(2);
    expect(three.at(0.5)).toBeCloseTo(-1, 12);
  });

  test("on the complex curve reach the known least errors", () => {
    const x = evenly(400);
    const error = (degree: number) => {
      const { at } = fitPolynomial(x, x.map(shapes.complex.of), degree);
      return errorOf(x.map(at), x.map(shapes.complex.of)).error;
    };
    expect([4, 6, 8].map(error).every((one, i, all) => i === 0 || one < (all[i - 1] as number) / 2)).toBe(true);
  });

  test("a column that depends on others gets 0", () => {
    const [a = 0, b = 0] = leastSquares(
      [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      [1, 2, 3],
    );
    expect(a + 2 * b).toBeCloseTo(1, 12);
  });
});

describe("links", () => {
  test("bring settings and own points back", () => {
    const settings: Settings = {
      ...{ curve: "own", count: 256, noise: 0.05, seed: 77, units: 64, activation: "sin", optimizer: "nesterov" },
      ...{ rate: 3, batch: 1000, pace: 0, degree: 30, surface: "hollows", start: [10, 1000] },
      rates: RATES.slice(0, 6),
    };
    const own = rounded({ x: [0, 0.31, 1], y: [-1, 0.2, 1] });
    expect(readLink(`#${writeLink(settings, own)}`)).toEqual({ settings, own, sentences: [] });
    expect(readLink(`#${writeLink(DEFAULTS, none)}`)).toEqual({ settings: DEFAULTS, own: none, sentences: [] });
    expect(readLink("")).toEqual({ settings: DEFAULTS, own: none, sentences: [] });
  });

  test.each([
    ["curve=<img src=x onerror=alert(1)>", "curve is “<img src=x onerror=alert(1)>” there, but must be one of sine"],
    ["units=9999", "units is “9999” there"],
    ["rate=1e99", "rate is “1e99” there"],
    ["rate=0x10", "rate is “0x10” there"],
    ["rate=-1", "rate is “-1” there"],
    ["seed=4294967296", "seed is “4294967296” there"],
    ["noise=NaN", "noise is “NaN” there"],
    ["start=1~2~3", "start is “1~2~3” there"],
    ["start=1~2000", "the usual is used."],
    ["rates=1~1~1~1~1", "rates is “1~1~1~1~1” there"],
    ["rates=1~1~1~1~1~1e9", "the usual is used."],
    ["points=abc", "Its points cannot be read"],
    ["points=<b>a</b>xx", "Its points cannot be read"],
    ["__proto__=1", "“__proto__” is no setting"],
    ["constructor=1", "“constructor” is no setting"],
    [`${"a".repeat(100)}=1`, `“${"a".repeat(40)}…” is no setting`],
    [`x=${"y".repeat(20_000)}`, "The link is 20,002 characters long"],
  ])("%.40s gives the defaults with a sentence", (hash, sentence) => {
    const { settings, sentences } = readLink(`#${hash}`);
    expect(sentences[0]).toContain(sentence);
    expect(settings).toEqual(DEFAULTS);
  });

  test("with many mistakes say a few", () => {
    const { sentences } = readLink(`#${Array.from({ length: 30 }, (_, i) => `q${i}=1`).join("&")}`);
    expect(sentences).toHaveLength(5);
    expect(sentences[4]).toBe("And 26 more of this kind.");
  });
});

describe("own points", () => {
  test("are the same after a link has carried them", () => {
    const points = rounded({ x: evenly(50), y: evenly(50).map((at) => 1 - 2 * at) });
    expect(readPoints(writePoints(points))).toEqual(points);
    expect(rounded(points)).toEqual(points);
  });

  test("are read from lines, and what was written comes back", () => {
    const { points, isStretched } = readLines("x, y\n0.1, 0.5\r\n\n0.4;-0.25\n.9\t1e-1\n");
    expect(points.x.map((at) => Number(at.toFixed(3)))).toEqual([0.1, 0.4, 0.9]);
    expect(isStretched).toBe(false);
    expect(writeLines(points)).toBe("0.1, 0.5\n0.4, -0.25\n0.9, 0.1");
  });

  test("outside of the plot are stretched to fit it", () => {
    const { points, isStretched } = readLines("-100 7\n0 7\n300 7");
    expect(isStretched).toBe(true);
    expect(points.x.map((at) => Number(at.toFixed(2)))).toEqual([0.02, 0.26, 0.98]);
    for (const y of points.y) expect(y).toBeCloseTo(0, 3);
  });

  test.each([
    ["", "There are no points in it."],
    ["x,y", "There are no points in it."],
    ["1,2,3", "Line 1 has 3 numbers"],
    ["0.1,0.2\n5", "Line 2 has one number"],
    ["1,".repeat(2000), "Line 1 has 2,000 numbers"],
    ["0,1\nfour,2", "Line 2: “four” is not a number."],
    ["1,NaN", "“NaN” is not a number."],
    ["nan,inf", "“nan” is not a number."],
    ["1,1e999", "“1e999” is not a number."],
    ["0x10,1", "“0x10” is not a number."],
    ["0,<b>1</b>", "“<b>1</b>” is not a number."],
    [`0,${"9".repeat(200)}x`, `“${"9".repeat(40)}…” is not a number.`],
    ["0,1\n".repeat(MOST_POINTS + 1), `There are more than ${MOST_POINTS} points`],
    ["0,1\n".repeat(1_000_000), "That is too much: 4,000,000 characters"],
  ])("%.20j is refused with a sentence", (given, sentence) => {
    expect(() => readLines(given)).toThrow(sentence);
  });
});

describe("the network", () => {
  test.each([
    ["sine", "tanh", 0.95],
    ["complex", "sigmoid", 0.5],
    ["step", "relu", 0.8],
  ] as const)("fits %s with %s units", async (curve, activation, least) => {
    const device = await openDevice({ device: "cpu" });
    const { x, y } = drawPoints(curve, { count: 40, noise: 0.05, seed: 1 });
    const [low, high] = rangeOf(curve);
    const asked = y.map((one) => (2 * (one - low)) / (high - low) - 1);
    const inputs = Float32Array.from(x, (one) => 2 * one - 1);
    const trainer = await createTrainer(device, modelOf({ ...DEFAULTS, activation }), {
      ...{ input: [1], loss: loss.mse(), seed: 1 },
      optimizer: optimizerOf("adam", 0.03),
    });
    const set = dataset(inputs, Float32Array.from(asked), { shape: [1] });
    for await (const _ of trainer.fit(set, { epochs: 200, batchSize: 32 }));
    const { data } = await trainer.predict(inputs);
    expect(errorOf(data, asked).score).toBeGreaterThan(least);
    device.close();
  });
});

describe("surfaces", () => {
  test.each(surfaceNames)("every optimiser comes down %s from the usual start", async (name) => {
    const device = await openDevice({ device: "cpu" });
    const landscape = await openLandscape(device, name);
    const { start, rates, lowest, x, y } = surfaceOf(name);
    const paths = await landscape.paths({ start, rates, steps: STEPS });
    for (const path of paths) {
      expect(path.x).toHaveLength(STEPS + 1);
      expect(path.x[0]).toBeCloseTo(start[0], 6);
      expect(lastStep(path, STEPS)).toBe(STEPS);
      expect(path.height[STEPS]).toBeLessThan((path.height[0] as number) / 10);
    }
    const heights = await landscape.picture();
    expect(heights).toHaveLength(SIDE * SIDE);
    const bands = bandsOf(heights, SIDE, SIDE);
    for (const [a, b] of lowest) {
      const [column, row] = [(a - x[0]) / (x[1] - x[0]), (y[1] - b) / (y[1] - y[0])].map((at) =>
        Math.round(at * (SIDE - 1)),
      ) as [number, number];
      expect(bands[row * SIDE + column]).toBeLessThan(3);
    }
    expect(Math.max(...bands)).toBe(levels(heights).length);
    const short = await landscape.paths({ start, rates, steps: 20 });
    short.forEach((path, i) => {
      expect(path.height).toEqual(paths[i]?.height.slice(0, 21));
    });
    device.close();
  });

  test("SGD is what it is by hand, and a rate too large flies off", async () => {
    const device = await openDevice({ device: "cpu" });
    const landscape = await openLandscape(device, "valley");
    const rates = OPTIMIZERS.map((name) => (name === "sgd" ? 5 : 0.1));
    const [wild] = await landscape.paths({ start: [1, 1], rates, steps: 100 });
    expect(lastStep(wild as NonNullable<typeof wild>, 100)).toBeLessThan(100);
    const [calm] = await landscape.paths({ start: [1, 1], rates: rates.map(() => 0.1), steps: 10 });
    expect(calm?.x[10]).toBeCloseTo(0.98 ** 10, 6); // x ← x − 0.1 · x / 5
    expect(calm?.y[10]).toBeCloseTo(0.6 ** 10, 6); // y ← y − 0.1 · 4y
    device.close();
  });
});

test("everything that can be chosen has a name", () => {
  expect(Object.keys(text.curves)).toEqual([...shapeNames, "own"]);
  expect(Object.keys(text.surfaces).sort()).toEqual(surfaceNames.sort());
  for (const [, line] of Object.values(text.surfaces)) expect(line).toMatch(/^.{60,140}\.$/u);
});
