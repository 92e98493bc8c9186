// Layers beside each other: a way around (residual), and several views of the same input (branch).
import { OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { type Shape, sameShape, showShape } from "../core/shape.ts";
import { add } from "../ops/arithmetic.ts";
import { concat } from "../ops/join.ts";
import { applyInner, type GivenLayers, initAll, isLayer, namedLayers } from "./inner.ts";
import type { Layer, NamedLayer } from "./layer.ts";

/** Options of a residual block. */
export interface ResidualOptions {
  /** What x goes through before it is added, where its shape is not that of the result: a convolution with a 1×1 filter, say. */
  readonly shortcut?: Layer;
}

/**
 * A block with a way around it: y = shortcut(x) + f(x), f being the layers one after the other. Without a shortcut x itself is
 * added. He et al., CVPR 2016. Parameters are named as in `serial`, those of the shortcut `shortcut.…`.
 * @throws OptionError when there is no layer; `init` throws ShapeError when the two that are added differ in shape
 * @example
 * nn.residual(nn.linear(32), nn.relu(), nn.linear(32)); // on [32]: parameters 0.weight, 0.bias, 2.weight, 2.bias
 * nn.residual(nn.linear(8), nn.tanh(), { shortcut: nn.linear(8, { bias: false }) }); // on [32]: also shortcut.weight
 */
export function residual(...given: GivenLayers | readonly [...GivenLayers, ResidualOptions]): Layer {
  const last = given.at(-1);
  const hasOptions = given.length > 1 && !isLayer(last);
  const options = (hasOptions ? last : {}) as ResidualOptions;
  checkKnown("residual", options, ["shortcut"]);
  const body = namedLayers("residual", (hasOptions ? given.slice(0, -1) : given) as GivenLayers);
  const { shortcut } = options;
  const around = shortcut && namedLayers("residual", [{ shortcut }]);
  if (around && body.some(([name]) => name === "shortcut")) {
    throw new OptionError('residual: two layers have the name "shortcut": it belongs to the option');
  }
  return {
    name: "residual",
    layers: [...body, ...(around ?? [])],
    init(input, context) {
      const { params, outputs } = initAll(body, context, (before) => before.at(-1) ?? input);
      const output = outputs.at(-1) as Shape;
      const side = around && initAll(around, context, () => input);
      const added = side?.outputs[0] ?? input;
      if (!sameShape(added, output)) throw mismatch(body.at(-1) as NamedLayer, side && added, input, output);
      return { params: { ...params, ...side?.params }, output };
    },
    apply(params, x, context) {
      const y = body.reduce((before, named) => applyInner(named, params, before, context), x);
      return add(around ? applyInner(around[0] as NamedLayer, params, x, context) : x, y);
    },
    inner: {
      chains: [body, around ?? []],
      rebuild: ({ shortcut, ...made }) => (shortcut ? residual(made, { shortcut }) : residual(made)),
    },
  };
}

/** x or what its shortcut makes of it, and the result of the last layer, do not add up. */
function mismatch([name, layer]: NamedLayer, side: Shape | undefined, input: Shape, output: Shape): ShapeError {
  const added = side ? `the shortcut gives ${showShape(side)}` : `x is ${showShape(input)}`;
  const channels = output.at(-1) ?? 1;
  const projection = output.length > 1 ? `nn.conv${output.length - 1}d(${channels}, 1)` : `nn.linear(${channels})`;
  const sizesAgree = sameShape((side ?? input).slice(0, -1), output.slice(0, -1));
  const fix = sizesAgree
    ? `Pass { shortcut: ${projection} }`
    : `Use padding "same", or a shortcut that gives ${showShape(output)}`;
  return new ShapeError(
    `residual: shapes to add differ: ${added}, layer ${name} ${layer.name} gives ${showShape(output)}. ${fix}`,
    { input, output },
  );
}

/**
 * Gives the same input to each layer and joins their results along the last axis; all other sizes must agree.
 * An Inception block is a branch of filters of several sizes. Szegedy et al., CVPR 2015. Parameters are named as in `serial`.
 * @throws OptionError when there is no layer; `init` throws ShapeError when results do not lie side by side
 * @example
 * nn.branch(nn.linear(8), nn.serial(nn.linear(4), nn.tanh())); // [12]; parameters 0.weight, 0.bias, 1.0.weight, 1.0.bias
 */
export function branch(...given: GivenLayers): Layer {
  const layers = namedLayers("branch", given);
  return {
    name: "branch",
    layers,
    init(input, context) {
      const { params, outputs } = initAll(layers, context, () => input);
      const first = outputs[0] as Shape;
      const wrong = outputs.findIndex(
        (shape) => shape.length === 0 || !sameShape(shape.slice(0, -1), first.slice(0, -1)),
      );
      if (wrong >= 0) {
        const tell = (at: number) =>
          `layer ${layers[at]?.[0]} ${layers[at]?.[1].name} gives ${showShape(outputs[at] as Shape)}`;
        throw new ShapeError(
          `branch: results do not join along the last axis: ${tell(0)}, ${tell(wrong)}. Use padding "same" and equal strides`,
          { shapes: outputs },
        );
      }
      const joined = outputs.reduce((sum, shape) => sum + (shape.at(-1) as number), 0);
      return { params, output: [...first.slice(0, -1), joined] };
    },
    apply: (params, x, context) =>
      concat(
        layers.map((named) => applyInner(named, params, x, context)),
        -1,
      ),
    inner: { chains: layers.map((named) => [named]), rebuild: (made) => branch(made) },
  };
}
