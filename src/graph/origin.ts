// Where in a model a node came from, for labels alone: nothing is decided by it.

/** The layer that a node was made in, and on which side. */
export interface Origin {
  /** Names from the model down to the layer: "2.1". */
  readonly path?: string;
  /** The layer's own name: "conv2d(8, 5×5)". */
  readonly layer?: string;
  /** True for gradients, which belong to the layer that they are the gradient of. */
  readonly isBackward?: boolean;
}

let current: Origin | undefined;

/** The origin of nodes that are made now. */
export const originNow = (): Origin | undefined => current;

/** Runs `work`; the nodes it makes come from `origin`. */
export function within<Result>(origin: Origin | undefined, work: () => Result): Result {
  const before = current;
  current = origin;
  try {
    return work();
  } finally {
    current = before;
  }
}
