// Each schedule at its best peak: what loss it can expect.

import { remember } from "../../page/remember.js";
import { expectedLosses, lastMean, train } from "../../training/noisy_descent.js";
import { SCHEDULE_NAMES, SCHEDULES } from "./choices.js";

const PEAKS = Array.from({ length: 14 }, (_, k) => 10 ** (-2.3 + (2.55 * k) / 13));
const SEEDS = [1, 2, 3, 4, 5, 6]; // of trainings under ReduceLROnPlateau

export function trainOne(name, peak, values, seed) {
  const { steps, noise, patience, factor } = values;
  const schedule = SCHEDULES[name].make(peak, steps, values);
  return train(schedule, steps, noise, { seed, peak, plateau: { patience, factor } });
}

// The mean loss of the last tenth that a schedule can expect.
function expected(name, peak, values) {
  if (name === "plateau") {
    const each = SEEDS.map((seed) =>
      lastMean(trainOne(name, peak, values, seed).losses),
    );
    return each.reduce((sum, loss) => sum + loss, 0) / each.length;
  }
  const schedule = SCHEDULES[name].make(peak, values.steps, values);
  return lastMean(expectedLosses(schedule, values.steps, values.noise));
}

function bestPeak(name, values) {
  let best = { loss: Number.POSITIVE_INFINITY, peak: PEAKS[0] };
  for (const peak of PEAKS) {
    const loss = expected(name, peak, values);
    if (loss < best.loss) best = { loss, peak };
  }
  return best;
}

const rememberPeaks = Object.fromEntries(
  SCHEDULE_NAMES.map((name) => [name, remember((values) => bestPeak(name, values))]),
);

// Each schedule with its peak and the loss to expect, the lowest loss first.
export function ranked(values) {
  const { steps, noise, patience, factor, own, peak } = values;
  const rows = SCHEDULE_NAMES.map((name) => {
    if (!values.fair) return { name, peak, loss: expected(name, peak, values) };
    const extra = { plateau: [patience, factor], own }[name] ?? [];
    const key = [steps, noise, ...extra].join();
    return { name, ...rememberPeaks[name](key, values) };
  });
  return rows.sort((a, b) => a.loss - b.loss);
}
