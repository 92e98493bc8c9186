import { describe, expect, test } from "vitest";
import { readCsv, writeCsv } from "../../demo/playground/csv.ts";
import { histogram } from "../../demo/playground/histogram.ts";
import { readLink, writeLink } from "../../demo/playground/link.ts";
import { classesIn, pointsOf, readPoints, rounded, rowsOf, writePoints } from "../../demo/playground/points.ts";
import { presets } from "../../demo/playground/presets.ts";
import { drawPoints, isProblem, problems } from "../../demo/playground/problems.ts";
import { DEFAULTS } from "../../demo/playground/settings.ts";
import { text } from "../../demo/playground/text.ts";

const names = Object.keys(problems).filter(isProblem);

describe("problems", () => {
  test.each(names)("%s is drawn from its seed, lies in the picture, and has all its classes", (name) => {
    const given = { count: 100, noise: 0.1, seed: 5 };
    const points = drawPoints(name, given);
    expect(drawPoints(name, given)).toEqual(points);
    expect(drawPoints(name, { ...given, seed: 6 }).x).not.toEqual(points.x);
    expect(drawPoints(name, given, "test").x).not.toEqual(points.x);
    expect(points.count).toBe(100);
    const inside = points.x.filter((value) => Math.abs(value) <= 1.1).length;
    expect(inside).toBeGreaterThan(190);
    if (points.task === "classes") expect(classesIn(points)).toBe(points.classes);
    else expect(Math.max(...points.y.map(Math.abs))).toBeLessThan(1.5);
  });

  test("XOR without noise is the four corners", () => {
    const { x, y } = drawPoints("xor", { count: 4, noise: 0, seed: 1 });
    expect([...x].map((value) => value.toFixed(2))).toEqual([
      "-0.50",
      "-0.50",
      "0.50",
      "-0.50",
      "-0.50",
      "0.50",
      "0.50",
      "0.50",
    ]);
    expect([...y]).toEqual([0, 1, 1, 0]);
  });

  test("the coin's hole is square and its metal round", () => {
    for (const [x, y, label] of rowsOf(drawPoints("coin", { count: 400, noise: 0, seed: 2 }))) {
      const [a, b] = [x / 2, y / 2];
      expect(label).toBe(Math.max(Math.abs(a), Math.abs(b)) < 0.2 ? 0 : Math.hypot(a, b) < 0.45 ? 1 : 2);
    }
  });

  test("one point in twenty is rare", () => {
    const { y } = drawPoints("rare", { count: 400, noise: 0.2, seed: 1 });
    expect(y.reduce((sum, label) => sum + label)).toBe(20);
  });
});

describe("links", () => {
  test("bring every preset back, own points and steps included", () => {
    const own = rounded(
      pointsOf("classes", [
        [-1, 0.31, 0],
        [0.777, 1, 2],
        [0, 0, 1],
      ]),
    );
    for (const settings of Object.values(presets)) {
      expect(readLink(`#${writeLink({ settings, own, steps: 500 })}`)).toEqual({
        settings,
        own,
        steps: 500,
        sentences: [],
      });
    }
  });

  test("without anything mean the defaults", () => {
    expect(readLink("")).toEqual({ settings: DEFAULTS, sentences: [] });
    expect(readLink("#rate=0.03").settings).toEqual({ ...DEFAULTS, rate: 0.03 });
  });

  test.each([
    ["rate=1e309", "rate is “1e309” there, but must be one of 0.00001"],
    ["rate=NaN", "rate is “NaN” there"],
    ["rate=-1", "rate is “-1” there"],
    ["rate=0x10", "rate is “0x10” there"],
    [
      "layers=8-99",
      "layers is “8-99” there, but must be 0, or up to 6 numbers of units in 1 … 16 such as 8-8: 8-8 is used.",
    ],
    ["layers=8-8-8-8-8-8-8-8", "layers is"],
    ["problem=__proto__", "problem is “__proto__” there"],
    ["__proto__=1", "“__proto__” is no setting and is left out."],
    ["constructor=1", "“constructor” is no setting"],
    ["problem=<img src=x onerror=alert(1)>", "problem is “<img src=x onerror=alert(1)>” there"],
    ["seed=99999999999", "seed is “99999999999” there"],
    ["steps=1e9", "steps is “1e9” there"],
    ["points=c2~~AA", "Its points cannot be read and are left out."],
    ["points=c2~~AAAAZ", "Its points cannot be read"],
    ["points=v~1!1!0!1~", "Its points cannot be read"],
    ["problem=hills&loss=hinge", "The loss “Hinge” does not fit this problem: “Squared” is used."],
    ["batch=1&batchNorm=1", "Batch norm needs more than one point in a batch: it is switched off."],
    [`${"a".repeat(100)}=1`, `“${"a".repeat(40)}…” is no setting`],
  ])("%s gives defaults with a sentence", (hash, sentence) => {
    const { settings, sentences } = readLink(`#${hash}`);
    expect(sentences[0]?.replace("1e-5", "0.00001")).toContain(sentence);
    expect(settings).toEqual({
      ...DEFAULTS,
      ...(hash.startsWith("problem=hills") ? { problem: "hills", loss: "squared" } : {}),
      ...(hash.startsWith("batch=1") ? { batch: 1 } : {}),
    });
  });

  test("that are far too long mean the defaults", () => {
    const { settings, sentences } = readLink(`#rate=1&x=${"y".repeat(20_000)}`);
    expect(settings).toEqual(DEFAULTS);
    expect(sentences[0]).toContain("The link is 20,009 characters long");
  });

  test("with many mistakes say a few", () => {
    const { sentences } = readLink(`#${Array.from({ length: 30 }, (_, i) => `q${i}=1`).join("&")}`);
    expect(sentences).toHaveLength(5);
    expect(sentences[4]).toBe("And 26 more of this kind.");
  });
});

describe("own points", () => {
  test("are the same after a link has carried them", () => {
    const points = rounded(drawPoints("hills", { count: 50, noise: 0.1, seed: 1 }));
    expect(readPoints(writePoints(points))).toEqual(points);
    const classes = rounded(drawPoints("blobs", { count: 50, noise: 0.1, seed: 1 }));
    expect(readPoints(writePoints(classes))).toEqual(classes);
    expect(rounded(points)).toEqual(points);
  });
});

describe("CSV", () => {
  test("of classes with names", () => {
    const { points, sentence } = readCsv("x;y;kind\n0;0;<b>sea</b>\n10;5;land\n");
    expect(rowsOf(points).map((row) => row.map((value) => Number(value.toFixed(2))))).toEqual([
      [-0.9, -0.9, 0],
      [0.9, 0.9, 1],
    ]);
    expect(points).toMatchObject({ task: "classes", classes: 2 });
    expect(sentence).toBe("2 points with 2 classes (“<b>sea</b>”, “land”) were read.");
  });

  test("of values, and what was written comes back", () => {
    const { points } = readCsv("0,0,0.5\n1,0,1.5\n0,1,2.25");
    expect(points).toMatchObject({ task: "values", classes: 0, count: 3 });
    const again = readCsv(writeCsv(points)).points;
    expect([...again.x].map((v) => v.toFixed(2))).toEqual([...points.x].map((v) => v.toFixed(2)));
  });

  test.each([
    ["", "There are no points in it."],
    ["x,y,class\n", "There are no points in it."],
    ["1,2\n3,4", "Line 1 has 2 columns: three are needed"],
    ["1,2,a\n3,4,b,c", "Line 2 has 4 columns"],
    ["1,".repeat(50), "Line 1 has 51 columns"],
    ["x,y,c\n1,2,a\n3,four,b", "Line 3: “four” is not a number."],
    ["1,NaN,a\n3,4,b", "Line 1: “NaN” is not a number."],
    ["1,Infinity,a\n3,4,b", "Line 1: “Infinity” is not a number."],
    ["1,1e999,a\n3,4,b", "is not a number."],
    ["1,1e99,a\n3,4,b", "is not a number."],
    ["1,2,\n3,4,b", "Line 1: the class or value is missing."],
    ["1,2,a\n3,4,a", "All 2 points are of class “a”"],
    ["1,2,a\n1,2,b\n1,2,c\n1,2,d\n1,2,e\n1,2,f\n1,2,g", "There are 7 classes: 6 are the most."],
    ['1,2,"a\n3,4,b', "Line 1: a quotation mark is not closed"],
    ["\u0000\u0001PNG\r\n", "Line 1 has one column"],
    ["\n\r\n1,2,a\n\n3,four,b", "Line 5: “four” is not a number."],
    ['1,2,"a\nb"\n3,four,b', "Line 3: “four” is not a number."],
    ["x,y,value\n0,0,0.5\n1,1,high\n0,1,0.7", "Line 3: “high” is not a number."],
    ["0,0,1\n1,1,NaN\n0,1,2", "Line 2: “NaN” is not a number."],
    ["0,0,a\n1,1,-Infinity\n0,1,b", "Line 2: “-Infinity” is not a number."],
  ])("%j is refused with a sentence", (given, sentence) => {
    expect(() => readCsv(given)).toThrow(sentence);
  });

  test("of fifty megabytes is refused at once", () => {
    expect(() => readCsv("1,2,a\n".repeat(8_000_000))).toThrow("The table is too large: 48,000,000 characters");
  });

  test("with more points than a link holds is thinned out", () => {
    const table = Array.from({ length: 5000 }, (_, i) => `${i},${i % 7},${i % 2}`).join("\n");
    const { points, sentence } = readCsv(table);
    expect(points.count).toBe(1000);
    expect(sentence).toContain("They are spread evenly over the 5,000 of the table.");
  });
});

describe("histograms", () => {
  test("count what is finite, symmetric about 0", () => {
    expect(histogram([-2, -1, 0, 1, 2, Number.NaN], 5)).toEqual({
      reach: 2,
      counts: [1, 1, 1, 1, 1],
      norm: Math.sqrt(10),
    });
    expect(histogram([0, 0], 5)).toEqual({ reach: 0, counts: [0, 0, 2, 0, 0], norm: 0 });
    expect(histogram([], 3)).toEqual({ reach: 0, counts: [0, 0, 0], norm: 0 });
  });
});

test("every preset has a name and one line", () => {
  expect(Object.keys(text.presets).sort()).toEqual(Object.keys(presets).sort());
  for (const [, line] of Object.values(text.presets)) expect(line).toMatch(/^.{30,140}[.]$/u);
});
