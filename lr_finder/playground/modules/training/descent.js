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

// Where so many steps end: {loss, stays}; a loss of Infinity if it diverged. `stays`: the
// path never left the surface's window.
export function outcome(surface, name, start, rate, steps) {
  const weights = Float64Array.from(start);
  const gradient = new Float64Array(2);
  const optimizer = createOptimizer(name, 2);
  const [x0, x1, y0, y1] = surface.window;
  let stays = true;
  for (let k = 0; k < steps; k++) {
    surface.slopes(weights[0], weights[1], gradient);
    optimizer.step(weights, gradient, rate);
    const [x, y] = weights;
    if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) {
      return { loss: Number.POSITIVE_INFINITY, stays: false };
    }
    stays = stays && x >= x0 && x <= x1 && y >= y0 && y <= y1;
  }
  return { loss: surface.value(weights[0], weights[1]), stays };
}

// {rates, losses, stay}: what each rate ends at, and whether its path stays inside.
export function sweepRates(surface, name, start, steps) {
  const ends = RATES.map((rate) => outcome(surface, name, start, rate, steps));
  return {
    rates: RATES,
    losses: ends.map(({ loss }) => loss),
    stay: ends.map(({ stays }) => stays),
  };
}

// The rate of the lowest final loss among the paths that stay inside, if any do: beyond
// them luck decides.
export function bestRate({ rates, losses, stay }) {
  const isOpen = stay.some(Boolean) ? stay : stay.map(() => true);
  let best = isOpen.indexOf(true);
  losses.forEach((loss, k) => {
    if (isOpen[k] && loss < losses[best]) best = k;
  });
  return rates[best];
}
