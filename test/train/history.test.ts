import { expect, test } from "vitest";
import { emptyHistory, record } from "../../src/train/history.ts";

test("reports become columns, validations columns of their own", () => {
  const history = emptyHistory();
  record(history, { epoch: 0, totalSteps: 10, loss: 2, metrics: { accuracy: 0.5 } });
  record(history, {
    epoch: 0,
    totalSteps: 20,
    loss: 1,
    metrics: { accuracy: 0.75 },
    validation: { loss: 1.5, metrics: { accuracy: 0.625 } },
  });
  expect(history).toEqual({
    train: { epoch: [0, 0], step: [10, 20], loss: [2, 1], metrics: { accuracy: [0.5, 0.75] } },
    validation: { epoch: [0], step: [20], loss: [1.5], metrics: { accuracy: [0.625] } },
  });
});

test("a metric that some reports lack is NaN there, so that columns stay equally long", () => {
  const history = emptyHistory();
  record(history, { epoch: 0, totalSteps: 1, loss: 3, metrics: {} });
  record(history, { epoch: 0, totalSteps: 2, loss: 2, metrics: { accuracy: 0.5 } });
  record(history, { epoch: 0, totalSteps: 3, loss: 1, metrics: { error: 0.25 } });
  expect(history.train.metrics).toEqual({
    accuracy: [Number.NaN, 0.5, Number.NaN],
    error: [Number.NaN, Number.NaN, 0.25],
  });
});

test("later changes of a report do not reach the history, nor one history another", () => {
  const metrics = { accuracy: 0.5 };
  const [history, other] = [emptyHistory(), emptyHistory()];
  record(history, { epoch: 0, totalSteps: 1, loss: 3, metrics });
  metrics.accuracy = 0;
  expect(history.train.metrics.accuracy).toEqual([0.5]);
  expect(other.train.step).toEqual([]);
});
