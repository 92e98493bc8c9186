// Layers that are not trained any more.
import { mapTree } from "../core/mapTree.ts";
import { isParameter, type Layer, type Parameter, type ParameterTree } from "./layer.ts";

/**
 * The same layer, or model, with parameters that no training changes; batch norms inside it use their running statistics and leave them as
 * they are. Names of parameters stay, so that weights of the layer as it was can be loaded.
 * @example
 * nn.serial(nn.freeze(nn.serial(nn.linear(64), nn.relu())), nn.linear(10)); // trains 1.weight and 1.bias only
 */
export function freeze(layer: Layer): Layer {
  const { channels, inner } = layer;
  const fixed = (params: ParameterTree): ParameterTree =>
    mapTree(params, isParameter, (parameter: Parameter) => ({ ...parameter, isTrainable: false }));
  return {
    ...layer,
    name: `freeze(${layer.name})`,
    init(input, context) {
      const { params, output } = layer.init(input, context);
      return { params: fixed(params), output };
    },
    apply(params, x, { replace, ...context }) {
      return layer.apply(params, x, { ...context, isFrozen: true });
    },
    ...(inner && { inner: { ...inner, rebuild: (layers) => freeze(inner.rebuild(layers)) } }),
    ...(channels && { channels: { ...channels, withBias: () => freeze(channels.withBias()) } }),
  };
}
