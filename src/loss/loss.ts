// What a loss is to a trainer: what a sample costs. The trainer forms Σ mask·loss / Σ mask·weight itself, so that padded batches and
// class weights come out right.
import type { Node } from "../graph/node.ts";

/** What samples cost. */
export interface SampleLosses {
  /** [B] */
  readonly loss: Node;
  /** Shape [B]: what the mean divides by; 1 each where left out. */
  readonly weight?: Node;
  /** [B] each: metrics that the loss found out on the way, by name: `accuracy`. */
  readonly metrics?: Readonly<Record<string, Node>>;
}

/** A loss as a trainer takes it. */
export interface Loss {
  readonly name: string;
  /** What targets are: class indices [B], numbers shaped like the prediction, or probabilities of classes. */
  readonly target: "classes" | "values" | "probabilities";
  /** The loss of each example of a batch, as nodes. */
  readonly perSample: (prediction: Node, target: Node) => SampleLosses;
}
