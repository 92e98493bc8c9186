// The same network as mlp-adam with plain gradient descent.
import { sgd } from "../../src/optim/sgd.ts";
import { mlpAdam } from "./mlpAdam.ts";
import type { StepCase } from "./step.ts";

export const mlpSgd: StepCase = { ...mlpAdam, name: "mlp-sgd", optimizer: () => sgd(0.1) };
