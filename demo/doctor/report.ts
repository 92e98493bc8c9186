// The report as text, for an issue or a mail.
import type { DeviceInfo } from "gpugrad";
import type { OpReport, SelfTest, Speed } from "gpugrad/check";
import { bytes, count } from "../ui/format.ts";
import { text } from "./text.ts";

/** What has been found so far. */
export interface Findings {
  info?: DeviceInfo;
  selfTest?: SelfTest;
  ops: OpReport[];
  speed?: Speed;
}

/** [name, value] of what a device says of itself. */
export function propertiesOf(info: DeviceInfo): [string, string][] {
  const { device, limits } = text;
  const sizes = [...new Set([info.subgroupMinSize, info.subgroupMaxSize])].join(" … ");
  return [
    [device.adapter, info.adapter],
    [device.kind, device.kinds[info.class]],
    [device.features, info.features.join(", ") || device.none],
    [device.subgroups, info.subgroupMaxSize === 0 ? device.none : sizes],
    ...Object.entries(limits).flatMap(([name, words]): [string, string][] => {
      const limit = info.limits[name];
      if (limit === undefined) return [];
      return [[words, /Size$/.test(name) ? bytes(limit) : count(limit)]];
    }),
  ];
}

export const isWrong = ({ failures }: OpReport): boolean => failures.length > 0;

/** Everything that was found, as lines. */
export function reportOf({ info, selfTest, ops, speed }: Findings): string {
  const lines = ["gpugrad doctor", navigator.userAgent, ""];
  if (info) lines.push(...propertiesOf(info).map(([name, value]) => `${name}: ${value}`), "");
  if (selfTest) {
    const wrong = selfTest.answers
      .filter((answer) => !answer.isRight)
      .map(({ name, message }) => `${name}: ${message}`);
    lines.push(`${text.selfTest.title}: ${wrong.join("; ") || text.selfTest.right}`);
  }
  const bad = ops.filter(isWrong);
  const cases = ops.reduce((sum, { cases: own }) => sum + own, 0);
  if (ops.length > 0)
    lines.push(`${count(ops.length)} functions, ${count(cases)} cases, ${count(bad.length)} functions wrong`);
  for (const { op, failures } of bad) lines.push(...failures.map((failure) => `  ${op} ${failure}`));
  if (speed) lines.push(text.speed(speed.matmulGflops, speed.matmulSize, speed.copyGigabytes, speed.copyBytes));
  return lines.join("\n");
}
