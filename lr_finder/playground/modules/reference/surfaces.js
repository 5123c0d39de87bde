// Losses of two weights, (x, y), with gradient, minima and a window to draw them in:
// as lr_finder.reference.surfaces. `slopes` writes the gradient into an array of two.

const STEEPNESS = 10; // of the cliff
const TILT = 0.01; // curvature of the bowl below plateau and cliff, halved

export function quadratic(condition = 20) {
  return {
    name: "quadratic",
    title: "Bowl, steeper along y",
    value: (x, y) => (x * x + condition * y * y) / 2,
    slopes(x, y, g) {
      g[0] = x;
      g[1] = condition * y;
    },
    minima: [[0, 0]],
    lowest: 0,
    window: [-4, 4, -2, 2],
    start: [-3.5, 1.5],
  };
}

function rosenbrock() {
  return {
    name: "rosenbrock",
    title: "Curved valley (Rosenbrock)",
    value: (x, y) => (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x),
    slopes(x, y, g) {
      const off = y - x * x;
      g[0] = 2 * (x - 1) - 400 * x * off;
      g[1] = 200 * off;
    },
    minima: [[1, 1]],
    lowest: 0,
    window: [-2, 2, -1, 3],
    start: [-1.2, 1],
  };
}

function himmelblau() {
  return {
    name: "himmelblau",
    title: "Four valleys (Himmelblau)",
    value(x, y) {
      const first = x * x + y - 11;
      const second = x + y * y - 7;
      return first * first + second * second;
    },
    slopes(x, y, g) {
      const first = x * x + y - 11;
      const second = x + y * y - 7;
      g[0] = 4 * x * first + 2 * second;
      g[1] = 2 * first + 4 * y * second;
    },
    minima: [
      [3, 2],
      [-2.805118086952745, 3.131312518250573],
      [-3.779310253377747, -3.28318599128617],
      [3.584428340330492, -1.848126526964404],
    ],
    lowest: 0,
    window: [-5, 5, -5, 5],
    start: [-0.5, -1],
  };
}

function saddle() {
  return {
    name: "saddle",
    title: "Saddle between two minima",
    value: (x, y) => (x * x) / 2 - (y * y) / 2 + (y * y * y * y) / 4,
    slopes(x, y, g) {
      g[0] = x;
      g[1] = y * y * y - y;
    },
    minima: [
      [0, 1],
      [0, -1],
    ],
    lowest: -0.25,
    window: [-1.5, 1.5, -1.5, 1.5],
    start: [1.2, 0.001],
  };
}

function cliff() {
  return {
    name: "cliff",
    title: "Plateau with a cliff",
    value: (x, y) =>
      (1 + Math.tanh(STEEPNESS * x)) / 2 + TILT * ((x + 2) * (x + 2) + y * y),
    slopes(x, y, g) {
      const bend = Math.tanh(STEEPNESS * x);
      g[0] = (STEEPNESS * (1 - bend * bend)) / 2 + 2 * TILT * (x + 2);
      g[1] = 2 * TILT * y;
    },
    minima: [[-2, 0]],
    lowest: 0,
    window: [-6, 4, -4, 4],
    start: [3, 2],
  };
}

const MAKERS = { quadratic, rosenbrock, himmelblau, saddle, cliff };
export const SURFACES = Object.keys(MAKERS);

export function getSurface(name, condition = 20) {
  return MAKERS[name](condition);
}
