// The worker of remoteWorker.gpu.test.ts.
import { serveTrainer } from "../../src/train/serve.ts";
import { type Setup, serveSetup } from "./served.ts";

serveTrainer<Setup>(self, (setup, context) => serveSetup(setup, context, navigator.gpu));
