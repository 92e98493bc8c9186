// Starts a worker of the page.

export const startWorker = (name: "fit" | "paths"): Worker =>
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
