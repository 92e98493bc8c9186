// What a layer is: a plain value with `init` (shapes and first values, on the host) and `apply` (the graph).
import { type GpugradError, OptionError, ShapeError } from "../core/error.ts";
import type { Shape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import type { RandomSource } from "../ops/random.ts";
import type { Fans, Initializer } from "./initializers.ts";
import { fansOf } from "./initializers.ts";

/** A parameter on the host: its shape and first values. */
export interface Parameter {
  readonly shape: Shape;
  readonly data: Float32Array;
  /** False for what no gradient moves: running statistics, and the parameters of frozen layers. True when left out. */
  readonly isTrainable?: boolean;
}

/** Parameters by name, nested as the layers are. */
export type ParameterTree = { readonly [name: string]: Parameter | ParameterTree };
/** The same tree inside a graph. */
export type NodeTree = { readonly [name: string]: Node | NodeTree };

/** What `init` draws first values from. */
export interface InitContext {
  readonly seed: number;
  /** Numbers the parameters of a model, so that each draws from a stream of its own. */
  readonly nextStream: () => number;
  /** Told the shape of each parameter before it is drawn; throws when the device cannot hold it. */
  readonly reserve?: (shape: Shape) => void;
  /** Parameters are only measured: their `data` stays empty. */
  readonly isDry?: boolean;
  /** Told of each layer inside a model once its shapes are known, inner layers first. */
  readonly note?: (entry: LayerEntry) => void;
}

/** One layer of a model as `init` met it. */
export interface LayerEntry {
  readonly path: string;
  readonly layer: Layer;
  readonly input: Shape;
  readonly output: Shape;
  readonly params: ParameterTree;
}

/** What `apply` may ask for while it builds the graph. */
export interface ApplyContext {
  /** True while training: dropout and its like act only then. */
  readonly training: boolean;
  /** A stream of random numbers of its own for each call. */
  readonly random: () => RandomSource;
  /** Told the output of each layer by its path from the model down: "2.1 (relu)". */
  readonly note?: (path: string, y: Node) => void;
  /** [batch] bool: false for examples that only fill up a partial batch. Statistics of a batch leave them out. All count when left out. */
  readonly mask?: Node;
  /** The fewest examples that the mask leaves in any batch; the batch's own size when left out. */
  readonly fewest?: number;
  /** True inside a frozen layer: batch norm then uses its running statistics and leaves them as they are. */
  readonly isFrozen?: boolean;
  /** Says what a parameter that is not trainable becomes after this step. Absent where nothing is kept. */
  readonly replace?: (state: Node, next: Node) => void;
}

/** One layer, or a model: layers nest. Shapes are those of one example, without the batch axis. */
export interface Layer {
  readonly name: string;
  /** First parameters and the shape of the output. @throws ShapeError when the layer does not take `input` */
  readonly init: (input: Shape, context: InitContext) => { readonly params: ParameterTree; readonly output: Shape };
  /** The output for a batch `x` [batch, ...input]. */
  readonly apply: (params: NodeTree, x: Node, context: ApplyContext) => Node;
  /** Multiplications that are added up for one example. None when left out. */
  readonly multiplyAdds?: (input: Shape, output: Shape) => number;
  /** The layers inside a container, in the order of their parameters. */
  readonly layers?: readonly NamedLayer[];
  /** How the layers inside hang together; a container without it is not taken apart. */
  readonly inner?: InnerLayers;
  /** How its parameters `weight` and `bias` make output channels, so that scaling and shifting those can become part of them. */
  readonly channels?: OutputChannels;
  /** What this layer does when not training, if that is to scale and shift each channel. */
  readonly asAffine?: (params: ParameterTree) => ChannelAffine;
}

/** How a layer's weight makes its output channels. */
export interface OutputChannels {
  /** The output channel that element i of the weight goes into. */
  readonly channelOf: (weight: Shape, i: number) => number;
  /** The same layer with a bias. */
  readonly withBias: () => Layer;
}

/** x·scale + shift for each channel, the last axis. */
export interface ChannelAffine {
  readonly scale: ArrayLike<number> & Iterable<number>;
  readonly shift: ArrayLike<number>;
}

/** How the layers inside a layer hang together. */
export interface InnerLayers {
  /** Layers one after the other, each taking what the one before it gives, so that neighbours may become one. */
  readonly chains: readonly (readonly NamedLayer[])[];
  /** The same kind of layer made of these, all under the names they had; some may have gone. */
  readonly rebuild: (layers: Readonly<Record<string, Layer>>) => Layer;
}

/** A layer with the name that its parameters have inside a container. */
export type NamedLayer = readonly [name: string, layer: Layer];

export function isParameter(value: unknown): value is Parameter {
  return (
    typeof value === "object" &&
    value !== null &&
    "shape" in value &&
    (value as { data?: unknown }).data instanceof Float32Array
  );
}

/**
 * Draws a parameter, or measures it in a dry run. Vectors (biases) count as one output per element; weights whose last axes are not
 * (in, out) bring their fans.
 */
export function draw(initializer: Initializer, shape: Shape, context: InitContext, given?: Fans): Parameter {
  context.reserve?.(shape);
  if (context.isDry) return { shape, data: new Float32Array(0) };
  const fans = given ?? (shape.length >= 2 ? fansOf(shape) : { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 });
  return { shape, data: initializer(shape, { ...fans, seed: context.seed, stream: context.nextStream() }) };
}

/** A layer without parameters. `output` defaults to the shape that came in. */
export function stateless(
  name: string,
  apply: (x: Node, context: ApplyContext) => Node,
  output: (input: Shape) => Shape = (input) => input,
): Layer {
  return {
    name,
    init: (input) => ({ params: {}, output: output(input) }),
    apply: (_, x, context) => apply(x, context),
  };
}

/** Checks that `count` is a whole number from 1 on. */
export function checkCount(call: string, what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new OptionError(`${call}: ${what} must be a whole number from 1 on: got ${count}`, { [what]: count });
}

/** Runs `work` so that an error in it names the layer: "linear (layer 3): …". */
export function inLayer<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof OptionError)) throw error;
    const Kind = error.constructor as new (message: string, fields: object) => GpugradError;
    const nested = / \(layer (\S+?)\)/;
    const message = nested.test(error.message)
      ? error.message.replace(nested, ` (layer ${path}.$1)`)
      : error.message.replace(/^([\w.]+)/, `$1 (layer ${path})`);
    throw new Kind(message, { ...error.fields, layer: path, cause: error });
  }
}
