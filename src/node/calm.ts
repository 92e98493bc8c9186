// While a promise of its is pending, Dawn polls at every turn of the event loop and keeps a core busy. A software adapter computes on that
// core, so a pause in each turn makes whatever is awaited come sooner: compilation, and steps.

/** Methods that return what Dawn polls for. */
const AWAITED: Readonly<Record<string, readonly string[]>> = {
  GPUBuffer: ["mapAsync"],
  GPUDevice: ["createComputePipelineAsync", "popErrorScope"],
  GPUQueue: ["onSubmittedWorkDone"],
};

/** ms of a pause: short against a submission, long against a poll. */
const PAUSE = 1;

let isCalm = false;
let pending = 0;
let isTurning = false;
const cell = new Int32Array(new SharedArrayBuffer(4));

/** Switches the pauses on: for software adapters, whose answers take longer than a pause. */
export function keepCalm(): void {
  isCalm = true;
}

/** Has the classes of a Dawn (`globals` of the package `webgpu`) tell when something is awaited. A second call does nothing. */
export function watchAwaited(globals: object): void {
  for (const [name, methods] of Object.entries(AWAITED)) {
    const prototype = (Reflect.get(globals, name) as { readonly prototype: object } | undefined)?.prototype;
    for (const method of methods) if (prototype) watch(prototype, method);
  }
}

const watched = new WeakMap<object, Set<string>>();

function watch(prototype: object, name: string): void {
  const names = watched.get(prototype) ?? new Set();
  const method: unknown = Reflect.get(prototype, name);
  if (names.has(name) || typeof method !== "function") return;
  watched.set(prototype, names.add(name));
  const value = function (this: object, ...args: unknown[]): unknown {
    const promise = Reflect.apply(method, this, args) as Promise<unknown>;
    pending++;
    if (isCalm && !isTurning) turn();
    const done = () => {
      pending--;
    };
    promise.then(done, done);
    return promise;
  };
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}

/** One pause in each turn of the event loop, as long as something is awaited. */
function turn(): void {
  isTurning = pending > 0;
  if (!isTurning) return;
  setImmediate(() => {
    Atomics.wait(cell, 0, 0, PAUSE);
    turn();
  });
}
