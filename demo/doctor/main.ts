// The doctor: a worker examines the device, the page shows each finding where it belongs.
import type { OpReport, SelfTest, Speed } from "gpugrad/check";
import { adapterLine } from "../ui/adapter.ts";
import { button } from "../ui/controls.ts";
import { h } from "../ui/element.ts";
import { count, number, percent } from "../ui/format.ts";
import { card, openPage } from "../ui/page.ts";
import { empty, failure, progressBar, stats, statusLine, table, tag } from "../ui/parts.ts";
import { watchLife } from "../ui/workerLife.ts";
import type { Finding } from "./messages.ts";
import { meta } from "./meta.ts";
import { type Findings, isWrong, propertiesOf, reportOf } from "./report.ts";
import { text } from "./text.ts";
import "./doctor.css";

const status = statusLine(text.starting, "busy");
const progress = progressBar(text.progress);
const { title: atAGlance, ...names } = text.figures;
const figures = stats(names);
const again = button(text.again, start, { kind: "primary", isDisabled: true });
const copy = button(text.copy, copyReport, { isDisabled: true });
const plain = h("pre", { class: "code report", attributes: { tabindex: 0 } });
const details = h("details", { attributes: { hidden: true } }, h("summary", {}, text.report), plain);

const columns = text.table.columns.map((title, i) => ({ title, isNumber: i > 0 && i < 4 }));
const ops = table(text.table.caption, columns);
const opsPlace = h("div", { class: "ops", attributes: { "data-picture": true } }, empty(text.table.waiting, true));
const properties = table(
  text.device.caption,
  text.device.columns.map((title) => ({ title })),
);
const propertiesPlace = h("div", { class: "properties" }, empty(text.device.waiting, true));
const selfPlace = h("div", { class: "self-test" }, empty(text.selfTest.waiting, true));

openPage(meta).append(
  adapterLine().element,
  h(
    "div",
    { class: "split" },
    h(
      "div",
      { class: "stack" },
      card(
        atAGlance,
        {},
        status.element,
        progress.element,
        figures.element,
        h("div", { class: "buttons wide" }, again, copy),
        details,
      ),
      card(text.table.title, { note: text.table.note }, opsPlace),
    ),
    h(
      "div",
      { class: "stack" },
      card(text.device.title, {}, propertiesPlace),
      card(text.selfTest.title, { note: text.selfTest.note }, selfPlace),
    ),
  ),
);

let worker: Worker | undefined;
let findings: Findings = { ops: [] };
let expected = 0;

function start(): void {
  worker?.terminate();
  findings = { ops: [] };
  expected = 0;
  again.disabled = true;
  copy.disabled = true;
  details.hidden = true;
  ops.clear();
  properties.clear();
  opsPlace.replaceChildren(empty(text.table.waiting, true));
  for (const key of Object.keys(names)) figures.set(key as keyof typeof names, "–");
  status.say(text.starting, "busy");
  progress.set(0, "");
  const mine = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const fail = (reason: string) => void (mine === worker && again.disabled && show({ kind: "failed", reason }));
  mine.addEventListener("message", ({ data }: MessageEvent<Finding>) => show(data));
  mine.addEventListener("error", ({ message }) => fail(message ?? ""));
  watchLife(mine, () => fail(text.ended));
  worker = mine;
}

function show(finding: Finding): void {
  switch (finding.kind) {
    case "device":
      findings.info = finding.info;
      expected = finding.ops;
      for (const row of propertiesOf(finding.info)) properties.add(row);
      propertiesPlace.replaceChildren(properties.element);
      if (expected > 0) opsPlace.replaceChildren(ops.element);
      else {
        opsPlace.replaceChildren(empty(text.table.reference));
        selfPlace.replaceChildren(empty(text.selfTest.without));
      }
      return;
    case "selfTest":
      findings.selfTest = finding.selfTest;
      selfPlace.replaceChildren(answersOf(finding.selfTest));
      return;
    case "op":
      findings.ops.push(finding.report);
      showOp(finding.report);
      return;
    case "measuring":
      status.say(text.measuring, "busy");
      return;
    case "speed":
      findings.speed = finding.speed;
      showSpeed(finding.speed);
      return;
    case "done":
      finish(finding.seconds);
      return;
    case "failed":
      status.say(text.failed(finding.reason), "bad");
      if (!findings.info) propertiesPlace.replaceChildren(failure(finding.reason));
      offerReport();
  }
}

function answersOf({ answers }: SelfTest): HTMLElement {
  const items = answers.map(({ name, isRight, message }) =>
    h("li", {}, h("span", {}, name, message && h("span", { class: "wrong" }, ` ${message}`)), verdict(isRight)),
  );
  return h("ul", { class: "answers" }, ...items);
}

const verdict = (isRight: boolean) => (isRight ? tag(text.table.ok, "good") : tag(text.table.wrong, "bad"));

function showOp(report: OpReport): void {
  const { op, cases, tolerance, maxError, failures } = report;
  const isRight = !isWrong(report);
  ops.add([
    h("code", {}, op),
    count(cases),
    tolerance === 0 ? text.table.exact : tolerance.toExponential(0),
    percent(maxError, 0),
    verdict(isRight),
  ]);
  if (!isRight) ops.add([h("span", { class: "wrong" }, failures.join(" · ")), "", "", "", ""]);
  const done = findings.ops.length;
  const right = findings.ops.filter((one) => !isWrong(one)).length;
  figures.set("functions", `${right} / ${done}`);
  figures.set("cases", count(findings.ops.reduce((sum, one) => sum + one.cases, 0)));
  progress.set(done / expected, text.checked(op, done, expected));
  status.say(text.checking, "busy");
}

function showSpeed({ matmulGflops, copyGigabytes }: Speed): void {
  figures.set("matmul", number(matmulGflops));
  figures.set("copy", number(copyGigabytes));
}

function finish(seconds: number): void {
  const wrong = findings.ops.filter(isWrong).length + (findings.selfTest?.isRight === false ? 1 : 0);
  const cases = findings.ops.reduce((sum, one) => sum + one.cases, 0);
  if (expected === 0) status.say(text.onlyReference(seconds), "warn");
  else if (wrong > 0) status.say(text.ill(wrong), "bad");
  else status.say(text.well(findings.ops.length, cases, seconds), "good");
  progress.set(1, "");
  offerReport();
}

function offerReport(): void {
  plain.textContent = reportOf(findings);
  details.hidden = false;
  copy.disabled = false;
  again.disabled = false;
}

async function copyReport(): Promise<void> {
  try {
    await navigator.clipboard.writeText(reportOf(findings));
    copy.textContent = text.copied;
  } catch {
    copy.textContent = text.notCopied;
    details.open = true;
  }
  setTimeout(() => {
    copy.textContent = text.copy;
  }, 2500);
}

start();
