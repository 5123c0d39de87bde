// Schedules that rise and fall: as lr_finder.schedules.cycles.

import { join, roundEven } from "./composition.js";
import { cosine, halfWave, makeSchedule } from "./decays.js";

const { abs, floor } = Math;

export function cosineRestarts(start, end, period, growth = 1, shrink = 1) {
  return makeSchedule(null, (i) => {
    let k = floor(i / period);
    let passed = (i % period) / period;
    if (growth !== 1) {
      let first = 0;
      let length = period;
      for (k = 0; first + length <= i; k++) {
        first += length;
        length *= growth;
      }
      passed = (i - first) / length;
    }
    return halfWave(end + (start - end) * shrink ** k, end, passed);
  });
}

export function triangular(low, high, period) {
  return makeSchedule(null, (i) => {
    const height = 1 - abs(1 - (2 * (i % period)) / period);
    return low * (1 - height) + high * height;
  });
}

export function oneCycle(peak, steps, share = 0.25, startBy = 25, endBy = 1e5) {
  const rising = Math.min(Math.max(1, roundEven(share * steps)), steps - 1);
  const up = cosine(peak / startBy, peak, rising);
  const whole = join([up, cosine(peak, peak / endBy, steps - rising)], [rising]);
  return makeSchedule(steps, whole.at);
}
