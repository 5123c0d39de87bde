// A noisy descent on a bowl of several curvatures: w <- w - rate (h w + noise). What is
// expected of a schedule follows exactly; what one training does is drawn from a seed.

import { normals } from "../models/random.js";
import { reduceOnPlateau } from "../schedules/plateau.js";

export const CURVATURES = [1, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008];
const START = 1.5; // of each weight
export const LOOKS = 30; // how often a training looks at its loss: "epochs"

// The expected loss after each step: E[w^2] <- (1 - rate h)^2 E[w^2] + rate^2 s^2.
export function expectedLosses(schedule, steps, noise) {
  const squares = CURVATURES.map(() => START * START);
  const losses = new Float64Array(steps + 1);
  for (let i = 0; i <= steps; i++) {
    let loss = 0;
    const rate = schedule.at(i);
    for (let k = 0; k < squares.length; k++) {
      loss += (CURVATURES[k] * squares[k]) / 2;
      const factor = 1 - rate * CURVATURES[k];
      squares[k] = factor * factor * squares[k] + rate * rate * noise * noise;
    }
    losses[i] = loss;
  }
  return losses;
}

// One training: {losses, rates, drops}. `schedule` is one, or null for a plateau rule
// that watches the mean loss of each epoch.
export function train(
  schedule,
  steps,
  noise,
  { seed = 0, peak = 1, plateau = {} } = {},
) {
  const drawn = noiseOf(steps * CURVATURES.length, seed);
  const weights = CURVATURES.map(() => START);
  const losses = new Float64Array(steps + 1);
  const rates = new Float64Array(steps + 1);
  const rule = schedule ? null : reduceOnPlateau(peak, plateau);
  const epoch = Math.max(1, Math.round(steps / LOOKS));
  const drops = [];
  let watched = 0;
  for (let i = 0; i <= steps; i++) {
    losses[i] = bowl(weights);
    watched += losses[i];
    if (rule && i > 0 && i % epoch === 0) {
      if (rule.look(watched / epoch)) drops.push(i);
      watched = 0;
    }
    rates[i] = rule ? rule.rate : schedule.at(i);
    for (let k = 0; i < steps && k < weights.length; k++) {
      const gradient =
        CURVATURES[k] * weights[k] + noise * drawn[i * weights.length + k];
      weights[k] -= rates[i] * gradient;
    }
  }
  return { losses, rates, drops };
}

function bowl(weights) {
  let loss = 0;
  for (let k = 0; k < weights.length; k++) {
    loss += (CURVATURES[k] * weights[k] * weights[k]) / 2;
  }
  return loss;
}

const kept = new Map();
function noiseOf(count, seed) {
  const known = kept.get(seed);
  if (known && known.length >= count) return known;
  kept.set(seed, normals(Math.max(count, 1 << 13), 1000 + seed));
  return kept.get(seed);
}

// The last tenth, averaged: where a noisy training has arrived.
export function lastMean(losses) {
  const first = Math.floor(losses.length * 0.9);
  let sum = 0;
  for (let i = first; i < losses.length; i++) sum += losses[i];
  return sum / (losses.length - first);
}
