// Compute pipelines by module text: the same text is compiled once a device.
import { ShaderError } from "../core/error.ts";
import type { Linked } from "../wgsl/link.ts";
import type { GpuDevice } from "./device.ts";
import { SHADER_STAGE_COMPUTE } from "./flags.ts";

/** What a pipeline is made of. */
type Module = Pick<Linked, "code" | "file" | "label"> & {
  readonly bindings: readonly Pick<Linked["bindings"][number], "access">[];
};

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Pipelines {
  readonly #device: GpuDevice;
  readonly #byCode = new Map<string, Promise<Pipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /** The pipeline of a module. @throws ShaderError with the file's name and the device's message */
  get(linked: Module): Promise<Pipeline> {
    const known = this.#byCode.get(linked.code);
    if (known) return known;
    const made = this.#make(linked);
    this.#byCode.set(linked.code, made);
    return made;
  }

  async #make({ code, file, label, bindings }: Module): Promise<Pipeline> {
    const { raw } = this.#device;
    const layout = this.#layout(bindings.map(({ access }) => access));
    raw.pushErrorScope("validation");
    const module = raw.createShaderModule({ label: file, code });
    const refused = raw.popErrorScope();
    const pipeline = raw.createComputePipelineAsync({
      label: `${label} (${file})`,
      layout: raw.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    pipeline.catch(() => {}); // told below
    const error = await refused.catch(() => null);
    if (error) throw new ShaderError(`${file}: ${error.message}`, { code });
    try {
      return { pipeline: await pipeline, layout };
    } catch (cause) {
      throw (
        (await this.#device.lastWords()) ?? new ShaderError(`${file}: ${(cause as Error).message}`, { cause, code })
      );
    }
  }

  #layout(accesses: readonly ("read" | "read_write")[]): GPUBindGroupLayout {
    const key = accesses.join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#device.raw.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: SHADER_STAGE_COMPUTE, buffer: { type: "uniform" } },
          ...accesses.map((access, i) => ({
            binding: i + 1,
            visibility: SHADER_STAGE_COMPUTE,
            buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
          })),
        ],
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
