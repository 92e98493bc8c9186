// Models for inference: batch norms that follow a convolution or a dense layer become part of it.
import { DataError } from "../core/error.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import { leavesOf, treeOf } from "../core/tree.ts";
import {
  type ChannelAffine,
  isParameter,
  type Layer,
  type NamedLayer,
  type OutputChannels,
  type Parameter,
  type ParameterTree,
} from "./layer.ts";

/** Parameters by path, as `trainer.weights()` gives them. */
type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

/**
 * The same function for inference with fewer layers: each batch norm that directly follows a layer whose outputs can be scaled and shifted
 * (dense, convolution) goes into that layer's weights, by its running statistics. Other layers keep their names.
 * @throws DataError when weights that the folding needs are missing
 * @example
 * const folded = nn.foldBatchNorm(model, await trainer.weights());
 * const fast = await createTrainer(device, folded.model, options);
 * fast.load(folded.weights);
 */
export function foldBatchNorm(model: Layer, weights: Weights): { model: Layer; weights: Weights } {
  const folded = foldLayer(model, treeOf(Object.entries(weights)) as ParameterTree);
  const leaves = leavesOf<Parameter>(folded.params, isParameter);
  return {
    model: folded.layer,
    weights: Object.fromEntries(leaves.map(({ path, leaf: { shape, data } }) => [path, { shape, data }])),
  };
}

interface Folded {
  readonly layer: Layer;
  readonly params: ParameterTree;
}

function foldLayer(layer: Layer, params: ParameterTree): Folded {
  const { inner } = layer;
  if (!inner) return { layer, params };
  const made = inner.chains.flatMap((chain) => foldChain(chain, params));
  return {
    layer: inner.rebuild(Object.fromEntries(made.map(([name, folded]) => [name, folded.layer]))),
    params: Object.fromEntries(
      made.filter(([, folded]) => Object.keys(folded.params).length > 0).map(([name, folded]) => [name, folded.params]),
    ),
  };
}

/** Layers one after the other; one that absorbs its successor keeps its own name. */
function foldChain(chain: readonly NamedLayer[], params: ParameterTree): [name: string, folded: Folded][] {
  const made: [string, Folded][] = [];
  for (const [name, layer] of chain) {
    const own = (params[name] ?? {}) as ParameterTree;
    const before = made.at(-1);
    const channels = before?.[1].layer.channels;
    if (before && channels && layer.asAffine)
      before[1] = { layer: channels.withBias(), params: absorb(before[1].params, layer.asAffine(own), channels) };
    else made.push([name, foldLayer(layer, own)]);
  }
  return made;
}

/** The parameters of a layer whose output channels are scaled and shifted. */
function absorb(params: ParameterTree, { scale, shift }: ChannelAffine, { channelOf }: OutputChannels): ParameterTree {
  const [weight, bias] = [params["weight"] as Parameter | undefined, params["bias"] as Parameter | undefined];
  if (!weight) throw new DataError('foldBatchNorm: parameter "weight" is missing');
  const { shape, data } = weight;
  if (data.length !== sizeOf(shape) || channelOf(shape, data.length - 1) !== scale.length - 1) {
    throw new DataError(
      `foldBatchNorm: a weight ${showShape(shape)} of ${data.length} numbers does not go with ${scale.length} channels`,
    );
  }
  return {
    weight: { shape, data: data.map((value, i) => value * (scale[channelOf(shape, i)] as number)) },
    bias: {
      shape: [scale.length],
      data: Float32Array.from(scale, (factor, i) => (bias?.data[i] ?? 0) * factor + (shift[i] as number)),
    },
  };
}
