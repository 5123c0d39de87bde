// Each schedule at its best peak: what loss it can expect.

import { expectedLosses, lastMean, train } from "../../training/noisy_descent.js";
import { SCHEDULE_NAMES, SCHEDULES } from "./choices.js";

const PEAKS = Array.from({ length: 14 }, (_, k) => 10 ** (-2.3 + (2.55 * k) / 13));
const SLICE = 6; // milliseconds of work between two pictures
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

// What is known of each schedule's best peak: name -> {key, peak, loss}.
const known = new Map();

function keyOf(name, { steps, noise, patience, factor, own }) {
  const extra = { plateau: [patience, factor], own }[name] ?? [];
  return [steps, noise, ...extra].join();
}

const isKnown = (name, values) => known.get(name)?.key === keyOf(name, values);

// The best peaks take longer than an event may: they are found between two pictures.
export const isBusy = (values) =>
  values.fair && !SCHEDULE_NAMES.every((name) => isKnown(name, values));

export function work(values) {
  const until = performance.now() + SLICE;
  for (const name of SCHEDULE_NAMES) {
    if (isKnown(name, values)) continue;
    known.set(name, { key: keyOf(name, values), ...bestPeak(name, values) });
    if (performance.now() > until) return;
  }
}

// Each schedule with its peak and the loss to expect, the lowest loss first; if each has
// its own peak, those that are known yet.
export function ranked(values) {
  const names = SCHEDULE_NAMES.filter((name) => !values.fair || isKnown(name, values));
  const { peak } = values;
  const rows = names.map((name) =>
    values.fair
      ? { name, ...known.get(name) }
      : { name, peak, loss: expected(name, peak, values) },
  );
  return rows.sort((a, b) => a.loss - b.loss);
}
