// What a quadratic loss says of rate and momentum, in closed form.

// The factor by which one step of plain descent shrinks the distance to the minimum.
export function shrinkFactor(rate, curvature) {
  return 1 - rate * curvature;
}

// Steps until |w| is a share of what it was; Infinity if it never gets there.
export function stepsToShare(rate, curvature, share = 0.01) {
  const factor = Math.abs(shrinkFactor(rate, curvature));
  if (factor >= 1) return Number.POSITIVE_INFINITY;
  if (factor <= share) return 1;
  return Math.ceil(Math.log(share) / Math.log(factor));
}

// The regime of a rate: what a person sees.
export function regimeOf(rate, curvature) {
  const product = rate * curvature;
  if (Math.abs(product - 2) < 1e-9) return "swings for ever";
  if (product > 2) return "diverges";
  if (product > 1.02) return "swings, and gets there";
  if (product > 0.98) return "best: one step";
  return product < 0.2 ? "slow" : "gets there from one side";
}

// Heavy-ball momentum on curvature h: v <- beta v - rate h w, w <- w + v. The larger
// size of the two roots of z^2 - (1 + beta - rate h) z + beta: the error's factor a step.
export function momentumFactor(rate, beta, curvature) {
  const trace = 1 + beta - rate * curvature;
  const under = trace * trace - 4 * beta;
  if (under < 0) return Math.sqrt(beta);
  const root = Math.sqrt(under);
  return Math.max(Math.abs(trace + root), Math.abs(trace - root)) / 2;
}

// Steps of one swing to and fro, Infinity if it does not swing.
export function swingPeriod(rate, beta, curvature) {
  const trace = 1 + beta - rate * curvature;
  if (trace * trace >= 4 * beta) return trace < 0 ? 2 : Number.POSITIVE_INFINITY;
  return (2 * Math.PI) / Math.acos(trace / (2 * Math.sqrt(beta)));
}

// The highest stable rate of momentum: 2 (1 + beta) / curvature.
export function stableLimit(beta, curvature) {
  return (2 * (1 + beta)) / curvature;
}

// Where the loss of plain SGD settles, if the gradient has noise of variance s2 / batch:
// rate s2 / (2 batch (2 - rate h)), Infinity beyond the limit.
export function noiseFloor(rate, curvature, variance, batch) {
  const room = 2 - rate * curvature;
  if (room <= 0) return Number.POSITIVE_INFINITY;
  return (rate * variance) / (2 * batch * room);
}
