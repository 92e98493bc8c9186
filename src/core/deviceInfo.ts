// What a device is and can do, as plain data: chosen kernels, tests, doctor and reports read it.

/** How a device computes: on the CPU reference, on a software adapter, on a GPU that shares memory, on one that does not. */
export type DeviceClass = "cpu" | "software" | "integrated" | "discrete";

/** A device's identity, features and limits, fixed once it is open. */
export type DeviceInfo = {
  /** The adapter's name for people, such as "SwiftShader driver 5.0.0". */
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  /** The driver's own description, as far as the platform tells it. */
  readonly driver: string;
  readonly class: DeviceClass;
  /** The WebGPU features that are switched on. */
  readonly features: readonly string[];
  /** WebGPU's limits by name, in its own units (bytes, counts). */
  readonly limits: Readonly<Record<string, number>>;
  /** The least and greatest number of lanes in a subgroup; 0 without subgroups. */
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
};
