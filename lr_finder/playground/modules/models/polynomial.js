// A polynomial fitted to a few noisy points, with a penalty on its coefficients.

import { normals } from "./random.js";

export const DEGREE = 11;

// Points on half a wave, with noise: {x, y} in [-1, 1].
export function wavePoints(count = 14, noise = 0.25, seed = 4) {
  const drawn = normals(count, seed);
  const x = Float64Array.from(
    { length: count },
    (_, i) => -0.95 + (1.9 * i) / (count - 1),
  );
  return { x, y: x.map((value, i) => waveAt(value) + noise * drawn[i]) };
}

export function waveAt(x) {
  return Math.sin(2.4 * x);
}

// Legendre's polynomials up to DEGREE at x.
function basis(x) {
  const values = [1, x];
  for (let n = 1; n < DEGREE; n++) {
    values.push(((2 * n + 1) * x * values[n] - n * values[n - 1]) / (n + 1));
  }
  return values;
}

// argmin sum (f(x) - y)^2 + penalty sum c^2, the mean not penalized: c by elimination.
export function fitRidge(points, penalty) {
  const size = DEGREE + 1;
  const rows = Array.from({ length: size }, () => new Float64Array(size + 1));
  points.x.forEach((x, k) => {
    const values = basis(x);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) rows[i][j] += values[i] * values[j];
      rows[i][size] += values[i] * points.y[k];
    }
  });
  for (let i = 1; i < size; i++) rows[i][i] += penalty;
  return solve(rows);
}

function solve(rows) {
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let k = i; k < size; k++) {
      if (Math.abs(rows[k][i]) > Math.abs(rows[pivot][i])) pivot = k;
    }
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = i + 1; k < size; k++) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j <= size; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  const found = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = rows[i][size];
    for (let j = i + 1; j < size; j++) sum -= rows[i][j] * found[j];
    found[i] = sum / rows[i][i];
  }
  return found;
}

export function valueAt(coefficients, x) {
  const values = basis(x);
  return coefficients.reduce((sum, c, n) => sum + c * values[n], 0);
}
