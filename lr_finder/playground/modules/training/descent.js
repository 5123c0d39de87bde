// Descents on a surface: paths, and the loss that each rate ends at.

import { createOptimizer } from "../reference/optimizers.js";

const FAR = 1e6; // a weight beyond this has diverged
// 1e-4 to 10, six to a decade: from these each optimizer's own rate is chosen.
export const RATES = Array.from({ length: 31 }, (_, k) => 10 ** (-4 + k / 6));

// {x, y, loss: Float64Array (steps + 1), made: steps before it diverged, squares}
export function descend(surface, name, start, rate, steps, options = {}) {
  const weights = Float64Array.from(start);
  const gradient = new Float64Array(2);
  const optimizer = createOptimizer(name, 2, options);
  const x = new Float64Array(steps + 1);
  const y = new Float64Array(steps + 1);
  const loss = new Float64Array(steps + 1);
  const squares = [];
  let made = 0;
  for (let k = 0; k <= steps; k++) {
    x[k] = weights[0];
    y[k] = weights[1];
    loss[k] = surface.value(weights[0], weights[1]);
    if (!(Math.abs(x[k]) < FAR && Math.abs(y[k]) < FAR)) break;
    made = k;
    if (optimizer.squares) squares.push([...optimizer.squares]);
    surface.slopes(weights[0], weights[1], gradient);
    optimizer.step(weights, gradient, rate);
  }
  return { x, y, loss, made, squares, hasDiverged: made < steps };
}

// The loss after so many steps, Infinity if it diverged.
export function finalLoss(surface, name, start, rate, steps, options = {}) {
  const weights = Float64Array.from(start);
  const gradient = new Float64Array(2);
  const optimizer = createOptimizer(name, 2, options);
  for (let k = 0; k < steps; k++) {
    surface.slopes(weights[0], weights[1], gradient);
    optimizer.step(weights, gradient, rate);
    if (!(Math.abs(weights[0]) < FAR && Math.abs(weights[1]) < FAR)) {
      return Number.POSITIVE_INFINITY;
    }
  }
  return surface.value(weights[0], weights[1]);
}

// {rates, losses}: what each rate ends at.
export function sweepRates(surface, name, start, steps, rates = RATES) {
  const losses = rates.map((rate) => finalLoss(surface, name, start, rate, steps));
  return { rates, losses };
}

// The rate of the lowest final loss; of several, the lowest rate.
export function bestRate({ rates, losses }) {
  let best = 0;
  losses.forEach((loss, k) => {
    if (loss < losses[best]) best = k;
  });
  return rates[best];
}
