// What the page looks at while the network learns: functions of the model as it is, compiled once a run. Their results stay on the device.
import {
  abs,
  concat,
  type Dataset,
  type ModelInGraph,
  max,
  mean,
  min,
  type Node,
  reshape,
  sigmoid,
  softmax,
  stack,
  sub,
  valueAndGrad,
} from "gpugrad";
import { lossOf, modelOf, namesOf, scoreOf, shownOf } from "./build.ts";
import type { Points } from "./points.ts";
import type { Settings } from "./settings.ts";

/** What a run is made of, for functions that look at it. */
export interface Subject {
  readonly settings: Settings;
  readonly points: Points;
}

/** The outputs of layers by their names. */
function layersIn(model: ModelInGraph, x: Node): { y: Node; of(name: string): Node } {
  const outputs = new Map<string, Node>();
  const y = model.apply(x, { note: (path, output) => outputs.set(path.replace(/ \(.*/, ""), output) });
  return { y, of: (name) => outputs.get(name) as Node };
}

/** What the map and the units' maps are drawn from. */
export interface View<Of> {
  /** [places, 1 or classes]: what `shownOf` says. */
  readonly shown: Of;
  /** For each hidden layer [places, units]: what its units give. */
  readonly units: readonly Of[];
  /** For each hidden layer [units]: how far its units get from their middle anywhere. */
  readonly reach: readonly Of[];
}

/** Half a sigmoid's range; the middle of everything else is 0. */
export const middleOf = ({ activation }: Settings): number => (activation === "sigmoid" ? 0.5 : 0);

export function view({ settings, points }: Subject) {
  return (model: ModelInGraph, grid: Node): View<Node> => {
    const { y, of } = layersIn(model, grid);
    const units = settings.layers.map((_, i) => of(namesOf(settings, i + 1).after));
    return {
      shown: shownOf(settings, points, y),
      units,
      reach: units.map((unit) => max(abs(sub(unit, middleOf(settings))), 0)),
    };
  };
}

/** What the space of a hidden layer is drawn from: the points, and the map's places, before and after its activation. */
export interface Space<Of> {
  /** [points, units] and [places, units] */
  readonly before: Of;
  readonly beforeGrid: Of;
  readonly after: Of;
  readonly afterGrid: Of;
  /** [points, 2 or classes]: the last number and what becomes of it; probabilities; or the value asked for and the one given. */
  readonly last: Of;
  /** [2, units]: the least and the greatest of the points. */
  readonly beforeRange: Of;
  readonly afterRange: Of;
  /** [2, 2 or classes] */
  readonly lastRange: Of;
}

export function space({ settings, points }: Subject, layer: number) {
  return (model: ModelInGraph, grid: Node, x: Node, y: Node): Space<Node> => {
    const names = namesOf(settings, layer);
    const [at, places] = [layersIn(model, x), layersIn(model, grid)];
    const [before, after] = [at.of(names.before), at.of(names.after)];
    const last = lastOf({ settings, points }, at.of("out"), y);
    return {
      ...{ before, after, last },
      beforeGrid: places.of(names.before),
      afterGrid: places.of(names.after),
      beforeRange: rangeOf(before),
      afterRange: rangeOf(after),
      lastRange: rangeOf(last),
    };
  };
}

const rangeOf = (values: Node) => stack([min(values, 0), max(values, 0)], 0);

function lastOf({ points: { task, classes, count } }: Subject, out: Node, y: Node): Node {
  if (task === "values") return concat([reshape(y, [count, 1]), out], 1);
  if (classes > 2) return softmax(out);
  return concat([out, sigmoid(out)], 1);
}

/** Numbers of the whole network at one moment, to be read. */
export interface Probe<Of> {
  /** [4 or 2]: loss and score over the points learnt from, then over those to test with, where there are any. */
  readonly scores: Of;
  /** [trained weights and biases], layer by layer, first of each layer its weights. */
  readonly weights: Of;
  readonly gradients: Of;
  /** [hidden units]: how much each differs over the points. */
  readonly spans: Of;
}

const LAYERS = /^(dense|out)/;

export function probe({ settings, points }: Subject) {
  const layer = modelOf(settings, points);
  const loss = lossOf(settings, points);
  const flat = (values: readonly Node[]) =>
    concat(
      values.map((value) => reshape(value, [-1])),
      0,
    );
  return (model: ModelInGraph, ...sets: readonly Node[]): Probe<Node> => {
    const lossAt = (y: Node, target: Node) => mean(loss.perSample(y, target).loss);
    const scores: Node[] = [];
    for (let i = 0; i + 1 < sets.length; i += 2) {
      const [x, target] = [sets[i] as Node, sets[i + 1] as Node];
      const y = model.apply(x);
      const asked = y.shape.length === target.shape.length ? target : targetLike(target, y);
      scores.push(lossAt(y, asked), scoreOf(settings, points, y, asked));
    }
    const [x, target] = [sets[0] as Node, sets[1] as Node];
    const context = { training: false, random: () => ({ seed: 0, stream: 0, counter: scores[0] as Node }) };
    const { grads } = valueAndGrad((parameters: ModelInGraph["parameters"]) => {
      const y = layer.apply(parameters, x, context);
      return lossAt(y, y.shape.length === target.shape.length ? target : targetLike(target, y));
    })(model.parameters);
    const own = Object.keys(model.parameters).filter((name) => LAYERS.test(name));
    const pick = (tree: unknown) =>
      own.flatMap((name) => {
        const { weight, bias } = (tree as Record<string, Record<string, Node>>)[name] as Record<string, Node>;
        return [weight as Node, bias as Node];
      });
    const { of } = layersIn(model, x);
    const spans = settings.layers.map((_, i) => {
      const units = of(namesOf(settings, i + 1).after);
      return sub(max(units, 0), min(units, 0));
    });
    return {
      scores: stack(scores, 0),
      weights: flat(pick(model.parameters)),
      gradients: flat(pick(grads)),
      spans: spans.length > 0 ? concat(spans, 0) : reshape(scores[0] as Node, [1]),
    };
  };
}

/** [n] as [n, 1] where that is what the model gives; class indices stay as they are. */
const targetLike = (target: Node, y: Node) =>
  target.dtype === "f32" && y.shape.at(-1) === 1 ? reshape(target, y.shape) : target;

/** The specs of a data set's two arrays. */
export const specsOf = ({ count, labels, labelShape }: Dataset) => [
  [count, 2],
  { shape: [count, ...labelShape], dtype: labels instanceof Int32Array ? ("i32" as const) : ("f32" as const) },
];
