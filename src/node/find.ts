// Which device a Node process gets: a hardware adapter, else a system software Vulkan that Dawn accepts (lavapipe), else SwiftShader from npm,
// else none, which means the CPU reference. Nothing is started for it: each rung only sets what Vulkan's loader reads while it looks.
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { DeviceError, OptionError } from "../core/error.ts";
import { keepCalm } from "./calm.ts";
import { createDawn } from "./dawn.ts";
import { prepareSwiftShader } from "./swiftshader.ts";

/** The rungs of the ladder, best first. */
const DEVICES = ["hardware", "lavapipe", "swiftshader", "cpu"] as const;

/** A rung, or "auto" for the first that this machine has. */
export type DeviceName = "auto" | (typeof DEVICES)[number];

/** What was found: no `gpu` means the CPU reference. */
export type FoundGpu = {
  readonly device: Exclude<DeviceName, "auto">;
  readonly gpu: GPU | undefined;
  /** One line for people: the adapter, and why no better one. */
  readonly line: string;
  /** What Vulkan's loader was told: another process that starts with these variables finds the same driver. */
  readonly variables: Readonly<Record<string, string>>;
};

/**
 * Finds the device called `device`. @throws OptionError for a name that is none, DeviceError where this machine lacks the one asked for.
 * @example const { gpu, line } = await findGpu("swiftshader");
 */
export async function findGpu(device: string = "auto"): Promise<FoundGpu> {
  if (device !== "auto" && !isDevice(device)) {
    throw new OptionError(`device: unknown name: "${device}". Choose auto, ${DEVICES.join(", ")}`, { device });
  }
  const missing: string[] = [];
  for (const rung of device === "auto" ? DEVICES : [device]) {
    const because = missing.length > 0 ? ` (${missing.join("; ")})` : "";
    if (rung === "cpu")
      return { device: rung, gpu: undefined, line: `device: the CPU reference${because}`, variables: {} };
    try {
      const { gpu, adapter, variables } = await RUNGS[rung]();
      return {
        device: rung,
        gpu,
        line: `device: ${rung}: ${adapter.info.description || adapter.info.device}${because}`,
        variables,
      };
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      if (device !== "auto") throw new DeviceError(`device ${device}: ${error.message}`, { cause: error, device });
      missing.push(`no ${rung}: ${error.message}`);
    }
  }
  throw new DeviceError("internal: the ladder has no last rung");
}

function isDevice(name: string): name is Exclude<DeviceName, "auto"> {
  return (DEVICES as readonly string[]).includes(name);
}

type Rung = Pick<FoundGpu, "variables"> & { readonly gpu: GPU; readonly adapter: GPUAdapter };

const RUNGS: Readonly<Record<"hardware" | "lavapipe" | "swiftshader", () => Promise<Rung>>> = {
  async hardware() {
    if (process.platform === "linux" && !hasOwnDrivers() && !hasDeviceNode()) {
      throw new DeviceError("no GPU under /dev");
    }
    const found = await open({});
    if (found.adapter.info.isFallbackAdapter) throw new DeviceError("only a software adapter answered");
    return found;
  },

  async lavapipe() {
    if (process.platform !== "linux") throw new DeviceError(`this is ${process.platform}, where it is not looked for`);
    if (hasOwnDrivers()) return openSoftware({});
    const icd = vulkanDrivers().find((file) => /(^|\/)lvp_icd[^/]*\.json$/.test(file));
    if (!icd) throw new DeviceError("Mesa's lvp_icd.json is not installed");
    return openSoftware({ VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd, VK_LOADER_LAYERS_DISABLE: "~implicit~" });
  },

  async swiftshader() {
    return openSoftware({ ...(await prepareSwiftShader()), VK_LOADER_LAYERS_DISABLE: "~implicit~" });
  },
};

async function openSoftware(variables: Readonly<Record<string, string>>): Promise<Rung> {
  const found = await open(variables);
  if (!found.adapter.info.isFallbackAdapter) throw new DeviceError("a hardware adapter answered in its place");
  keepCalm();
  return found;
}

/** A Dawn and its best adapter, looked for with `variables` set. Vulkan's loader reads them when the first adapter is asked for, then no more. */
async function open(variables: Readonly<Record<string, string>>): Promise<Rung> {
  const gpu = await createDawn();
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw new DeviceError("Dawn found no adapter that it accepts");
    return { gpu, adapter, variables };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** True where the user has already named the drivers to use. */
function hasOwnDrivers(): boolean {
  return Boolean(process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES);
}

/** True where the kernel shows a GPU: a render node, NVIDIA's own, or Windows' under WSL. Asking Dawn costs far more. */
function hasDeviceNode(): boolean {
  return ["/dev/nvidiactl", "/dev/dxg"].some(existsSync) || list("/dev/dri").some((name) => name.startsWith("renderD"));
}

/** The driver files that Vulkan's loader would find on Linux. */
function vulkanDrivers(): string[] {
  const { XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  return [
    XDG_CONFIG_HOME || join(homedir(), ".config"),
    XDG_CONFIG_DIRS || "/etc/xdg",
    "/usr/local/etc",
    "/etc",
    XDG_DATA_HOME || join(homedir(), ".local/share"),
    XDG_DATA_DIRS || "/usr/local/share:/usr/share",
  ]
    .flatMap((folders) => folders.split(delimiter))
    .map((folder) => join(folder, "vulkan/icd.d"))
    .flatMap((folder) => list(folder).map((name) => join(folder, name)));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
