// What the doctor's worker tells the page, in this order.
import type { DeviceInfo } from "gpugrad";
import type { OpReport, SelfTest, Speed } from "gpugrad/check";

export type Finding =
  | { readonly kind: "device"; readonly info: DeviceInfo; readonly ops: number }
  /** Not on the CPU reference, which has no driver that could be wrong. */
  | { readonly kind: "selfTest"; readonly selfTest: SelfTest }
  | { readonly kind: "op"; readonly report: OpReport }
  | { readonly kind: "measuring" }
  | { readonly kind: "speed"; readonly speed: Speed }
  | { readonly kind: "done"; readonly seconds: number }
  | { readonly kind: "failed"; readonly reason: string };
