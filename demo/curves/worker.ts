// One file for both workers of the page, so that the engine is loaded once: the name of a worker says which it is.
import { serveFits } from "./fitWorker.ts";
import { servePaths } from "./pathsWorker.ts";

if (self.name === "paths") servePaths(self as unknown as DedicatedWorkerGlobalScope);
else serveFits(self);
