// Points of two classes in a square: what the small network learns.

import { createNormal, createRandom } from "./random.js";

const { PI, cos, sin } = Math;
export const REACH = 3; // half the square's side; a shape below fills [-1, 1]²

const SHAPES = {
  moons(label, u) {
    const angle = PI * u;
    if (label === 0) return [cos(angle) * 0.64 - 0.32, sin(angle) * 0.64 - 0.16];
    return [0.32 - cos(angle) * 0.64, 0.16 - sin(angle) * 0.64];
  },
  circles(label, u) {
    const radius = label === 0 ? 0.85 : 0.4;
    return [radius * cos(2 * PI * u), radius * sin(2 * PI * u)];
  },
  spiral(label, u) {
    const angle = 3.2 * PI * Math.sqrt(u) + PI * label;
    const radius = 0.95 * Math.sqrt(u);
    return [radius * cos(angle), radius * sin(angle)];
  },
  xor(label, u, v, w) {
    const x = (0.1 + 0.85 * v) * (u < 0.5 ? 1 : -1);
    const y = 0.1 + 0.85 * w;
    return [x, x > 0 === (label === 0) ? y : -y];
  },
  noise(_label, _u, v, w) {
    return [1.9 * v - 0.95, 1.9 * w - 0.95];
  },
};
export const POINT_SETS = Object.keys(SHAPES);

// {x: Float64Array (2 count), y: Float64Array (count)}; `noise` is a standard deviation,
// as a share of REACH.
export function drawPoints(name, count, noise, seed) {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const x = new Float64Array(2 * count);
  const y = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    y[i] = i % 2;
    const at = SHAPES[name](y[i], random(), random(), random());
    x[2 * i] = REACH * (at[0] + noise * normal());
    x[2 * i + 1] = REACH * (at[1] + noise * normal());
  }
  return { x, y };
}
