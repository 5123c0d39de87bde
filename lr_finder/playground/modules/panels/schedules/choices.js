// The schedules that panel 7 compares: each made of a peak rate and a number of steps.

import { drawn, warmup, wsd } from "../../schedules/composition.js";
import { cosineRestarts, oneCycle, triangular } from "../../schedules/cycles.js";
import {
  constant,
  cosine,
  exponential,
  inverseTime,
  step,
} from "../../schedules/decays.js";

export const KNOTS = 9; // points of a line that a person draws
const part = (share, steps) => Math.max(1, Math.round(share * steps));

// name -> {title, make(peak, steps, values), formula}
export const SCHEDULES = {
  constant: {
    title: "constant",
    make: (peak) => constant(peak),
    formula: "η(i) = peak",
  },
  step: {
    title: "step: a tenth after each third",
    make: (peak, steps) => step(peak, part(1 / 3, steps), 0.1),
    formula: "η(i) = peak · 0.1^⌊3i / steps⌋",
  },
  exponential: {
    title: "exponential, to 1 %",
    make: (peak, steps) => exponential(peak, peak / 100, steps),
    formula: "η(i) = peak · 0.01^(i / steps)",
  },
  inverse_time: {
    title: "inverse time",
    make: (peak, steps) => inverseTime(peak, 10 / steps),
    formula: "η(i) = peak / (1 + 10 i / steps)",
  },
  cosine: {
    title: "cosine",
    make: (peak, steps) => cosine(peak, 0, steps),
    formula: "η(i) = peak · (1 + cos(π i / steps)) / 2",
  },
  restarts: {
    title: "cosine with restarts",
    make: (peak, steps) => cosineRestarts(peak, 0, part(1 / 7, steps), 2),
    formula: "three cosines, each twice as long as the one before",
  },
  warmup: {
    title: "warm-up, then constant",
    make: (peak, steps) => warmup(constant(peak), part(0.1, steps)),
    formula: "η(i) = peak · i / warm-up for the first tenth, then peak",
  },
  triangular: {
    title: "cyclical (triangular)",
    make: (peak, steps) => triangular(peak / 10, peak, part(0.25, steps)),
    formula: "from peak/10 up to peak and back, four times",
  },
  one_cycle: {
    title: "one-cycle",
    make: (peak, steps) => oneCycle(peak, steps),
    formula: "half a wave up in a quarter of the steps, then down to peak / 100,000",
  },
  wsd: {
    title: "warmup-stable-decay",
    make: (peak, steps) => wsd(peak, steps, 0.3, part(0.05, steps)),
    formula: "a short rise, constant, then a line to 0 over the last 30 %",
  },
  plateau: {
    title: "ReduceLROnPlateau",
    make: () => null,
    formula: "η ← factor · η if the watched loss has not improved for so many looks",
  },
  own: {
    title: "your own",
    make: (peak, steps, { own }) => drawn(peak, own, steps),
    formula: "η(i) = peak · the line that you draw",
  },
};
export const SCHEDULE_NAMES = Object.keys(SCHEDULES);
