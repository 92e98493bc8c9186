// How a container runs the layers inside it: parameters under the layer's name, errors and notes that say its path.
import { OptionError } from "../core/error.ts";
import type { Shape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { originNow, within } from "../graph/origin.ts";
import {
  type ApplyContext,
  type InitContext,
  inLayer,
  type Layer,
  type LayerEntry,
  type NamedLayer,
  type NodeTree,
  type ParameterTree,
} from "./layer.ts";

/** Layers in a row, named by position, or one record of layers by name. */
export type GivenLayers = readonly Layer[] | readonly [Readonly<Record<string, Layer>>];

/** What a container was given, as layers with names. @throws OptionError when there is none, or a name would not do in a path */
export function namedLayers(call: string, given: GivenLayers): readonly NamedLayer[] {
  const [first] = given;
  const isRecord = given.length === 1 && typeof first === "object" && first !== null && !isLayer(first);
  const layers = Object.entries(isRecord ? (first as Readonly<Record<string, Layer>>) : given) as [string, Layer][];
  if (layers.length === 0) throw new OptionError(`${call}: there is no layer`);
  for (const [name, layer] of layers) {
    if (!isLayer(layer)) throw new OptionError(`${call}: layer ${name} is not a layer: ${typeof layer}`);
    if (name.includes(".")) throw new OptionError(`${call}: a layer's name must not contain a dot: "${name}"`);
  }
  return layers;
}

export function isLayer(value: unknown): value is Layer {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Layer).init === "function" &&
    typeof (value as Layer).apply === "function"
  );
}

/** `init` of one inner layer. */
export function initInner([name, layer]: NamedLayer, input: Shape, context: InitContext): ReturnType<Layer["init"]> {
  const { note } = context;
  const inner = note && {
    ...context,
    note: (entry: LayerEntry) => note({ ...entry, path: `${name}.${entry.path}` }),
  };
  const made = inLayer(name, () => layer.init(input, inner ?? context));
  note?.({ path: name, layer, input, ...made });
  return made;
}

/** `init` of several: each gets the input that `inputOf` says, and their parameters are one tree. */
export function initAll(
  layers: readonly NamedLayer[],
  context: InitContext,
  inputOf: (outputs: readonly Shape[]) => Shape,
): { readonly params: ParameterTree; readonly outputs: readonly Shape[] } {
  const params: Record<string, ParameterTree> = {};
  const outputs: Shape[] = [];
  for (const named of layers) {
    const made = initInner(named, inputOf(outputs), context);
    if (Object.keys(made.params).length > 0) params[named[0]] = made.params;
    outputs.push(made.output);
  }
  return { params, outputs };
}

/** `apply` of one inner layer; `params` are the container's. */
export function applyInner([name, layer]: NamedLayer, params: NodeTree, x: Node, context: ApplyContext): Node {
  const outer = originNow()?.path;
  const path = outer ? `${outer}.${name}` : name;
  const apply = () => layer.apply((params[name] ?? {}) as NodeTree, x, context);
  const y = inLayer(name, () => within({ path, layer: layer.name }, apply));
  context.note?.(`${path} (${layer.name})`, y);
  return y;
}
