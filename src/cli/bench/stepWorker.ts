// The worker of `stepPage.ts`: trains one of the steps that are measured, as a page's worker does.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import { openDevice } from "../../open.ts";
import { serveTrainer } from "../../train/serve.ts";
import { trainerFor } from "./stepCase.ts";

const CASES = [mlpAdam, cnnAdam];

serveTrainer<string>(self, async (name) => {
  const step = CASES.find((each) => each.name === name);
  if (!step) throw new Error(`no step "${name}"`);
  const device = await openDevice();
  return { trainer: await trainerFor(device, step), set: step.data(), fit: { batchSize: step.batchSize } };
});
