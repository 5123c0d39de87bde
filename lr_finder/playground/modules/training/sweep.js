// A learning-rate range test of the small network: the rate rises with every batch.

import { createRandom, shuffled } from "../models/random.js";
import { createTraining, POINTS, trainBatch } from "./fitting.js";

export const SWEEP = { start: 1e-5, end: 10, steps: 150 };
const WORSE = 4; // times the first loss: there the sweep ends

// {lrs, losses}: the loss of each batch, measured with weights last moved at the rate
// before; ends at a loss that is not finite or far above the first.
export function sweepNetwork(settings) {
  const training = createTraining(settings);
  const random = createRandom(500 + settings.seed);
  const { start, end, steps } = SWEEP;
  const lrs = [];
  const losses = [];
  let order = [];
  for (let i = 0; i < steps; i++) {
    if (order.length < settings.batch) order = [...order, ...shuffled(POINTS, random)];
    const rate = start * (end / start) ** (i / (steps - 1));
    const loss = trainBatch(training, order.splice(0, settings.batch), rate);
    if (!Number.isFinite(loss)) break;
    lrs.push(rate);
    losses.push(loss);
    if (loss > WORSE * losses[0]) break;
  }
  return { lrs, losses };
}

// The lowest validation loss of a training that has ended; that of knowing nothing, if it
// diverged or never was below it.
export function truthAt({ validations, hasDiverged }) {
  return hasDiverged ? Math.log(2) : Math.min(...validations, Math.log(2));
}

// How much of what can be learnt a rate loses: linear in log(rate) between those known.
export function regretAt(truth, rate) {
  const { rates, losses, base } = truth;
  const lowest = Math.min(...losses);
  const lost = (lossAt(rates, losses, rate) - lowest) / (base - lowest);
  return Math.min(Math.max(lost, 0), 1);
}

export function lossAt(rates, losses, rate) {
  const last = rates.length - 1;
  if (rate <= rates[0]) return losses[0];
  if (rate >= rates[last]) return losses[last];
  let k = 0;
  while (rates[k + 1] < rate) k += 1;
  const share =
    (Math.log10(rate) - Math.log10(rates[k])) /
    (Math.log10(rates[k + 1]) - Math.log10(rates[k]));
  return losses[k] + (losses[k + 1] - losses[k]) * share;
}
