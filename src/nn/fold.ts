// Models for inference: batch norms that follow a convolution or a dense layer become part of it.
import { DataError } from "../core/error.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import { leavesOf, treeOf } from "../core/tree.ts";
import { type ChannelAffine, isParameter, type Layer, type Parameter, type ParameterTree } from "./layer.ts";

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
  const rows = inner.rows.map((row) => foldRow(row, params));
  return {
    layer: inner.rebuild(rows.map((made) => Object.fromEntries(made.map(([name, folded]) => [name, folded.layer])))),
    params: Object.fromEntries(
      rows
        .flat()
        .filter(([, folded]) => Object.keys(folded.params).length > 0)
        .map(([name, folded]) => [name, folded.params]),
    ),
  };
}

function foldRow(row: Readonly<Record<string, Layer>>, params: ParameterTree): readonly (readonly [string, Folded])[] {
  const made: [string, Folded][] = [];
  for (const [name, each] of Object.entries(row)) {
    const own = (params[name] ?? {}) as ParameterTree;
    const [before, folded] = made.at(-1) ?? [];
    if (before !== undefined && folded?.layer.absorb && each.asAffine) {
      made[made.length - 1] = [before, folded.layer.absorb(folded.params, each.asAffine(own))];
    } else {
      made.push([name, foldLayer(each, own)]);
    }
  }
  return made;
}

/**
 * `weight` [..., outputs] and `bias` [outputs] of a layer whose outputs are scaled and shifted: what `absorb` gives where the outputs are the
 * weight's last axis (dense layers, and convolutions with filters [height, width, in, out]).
 */
export function absorbLast(params: ParameterTree, { scale, shift }: ChannelAffine): ParameterTree {
  const [weight, bias] = [params["weight"] as Parameter | undefined, params["bias"] as Parameter | undefined];
  if (!weight) throw new DataError(`foldBatchNorm: parameter "weight" is missing`);
  const outputs = weight.shape.at(-1) as number;
  if (scale.length !== outputs || weight.data.length !== sizeOf(weight.shape)) {
    throw new DataError(
      `foldBatchNorm: a weight ${showShape(weight.shape)} of ${weight.data.length} numbers does not go with ${scale.length} channels`,
    );
  }
  return {
    weight: { shape: weight.shape, data: weight.data.map((value, i) => value * (scale[i % outputs] as number)) },
    bias: {
      shape: [outputs],
      data: Float32Array.from(scale, (factor, i) => (bias?.data[i] ?? 0) * factor + (shift[i] as number)),
    },
  };
}
