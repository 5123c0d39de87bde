// Schedules made of others: as lr_finder.schedules.composition.

import { constant, linear, makeSchedule } from "./decays.js";

// Python's round: halves go to the even neighbour.
export function roundEven(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

// One after another, each counting its steps from 0.
export function join(parts, boundaries) {
  const starts = [0, ...boundaries];
  const last = parts[parts.length - 1].steps;
  const steps = last === null ? null : starts[starts.length - 1] + last;
  return makeSchedule(steps, (i) => {
    let k = 0;
    while (k < boundaries.length && boundaries[k] <= i) k += 1;
    return parts[k].at(i - starts[k]);
  });
}

export function warmup(schedule, steps, start = 0) {
  return join([linear(start, schedule.at(0), steps), schedule], [steps]);
}

// Warm-up, stable, decay.
export function wsd(peak, steps, cooldownShare = 0.3, warmupSteps = 0, end = 0) {
  const cooldown = Math.max(1, roundEven(cooldownShare * steps));
  const parts = [];
  const starts = [];
  if (warmupSteps > 0) {
    parts.push(linear(0, peak, warmupSteps));
    starts.push(warmupSteps);
  }
  if (warmupSteps + cooldown < steps) {
    parts.push(constant(peak));
    starts.push(steps - cooldown);
  }
  parts.push(linear(peak, end, cooldown));
  const whole = join(parts, starts);
  return makeSchedule(steps, whole.at);
}

// Rates at even distances over the training, joined by lines.
export function drawn(peak, shares, steps) {
  const last = shares.length - 1;
  return makeSchedule(steps, (i) => {
    const place = (i / steps) * last;
    const k = Math.min(Math.floor(place), last - 1);
    return peak * (shares[k] + (shares[k + 1] - shares[k]) * (place - k));
  });
}
