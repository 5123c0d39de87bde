// A small dense network 2 - units … units - 1 with a logistic output. All weights lie
// in one vector, so that an optimizer sees one: layer by layer, the matrix, then the
// biases.

import { createNormal, createRandom } from "./random.js";

export function createNetwork(layers, units, activation = "tanh") {
  const sizes = [2, ...Array(layers).fill(units), 1];
  const starts = [];
  let count = 0;
  for (let k = 0; k + 1 < sizes.length; k++) {
    starts.push(count);
    count += (sizes[k] + 1) * sizes[k + 1];
  }
  const outputs = sizes.map((size) => new Float64Array(size));
  const errors = sizes.map((size) => new Float64Array(size));
  return { sizes, starts, count, outputs, errors, isRelu: activation === "relu" };
}

// He's initialization for ReLU, Glorot's for tanh; biases are 0.
export function initialWeights(network, seed) {
  const normal = createNormal(createRandom(seed));
  const weights = new Float64Array(network.count);
  network.starts.forEach((start, k) => {
    const [from, to] = [network.sizes[k], network.sizes[k + 1]];
    const spread = Math.sqrt(2 / (network.isRelu ? from : from + to));
    for (let i = 0; i < from * to; i++) weights[start + i] = spread * normal();
  });
  return weights;
}

// The logit of one point; leaves every layer's output in `network.outputs`.
export function forward(network, weights, a, b) {
  const { sizes, starts, outputs, isRelu } = network;
  outputs[0][0] = a;
  outputs[0][1] = b;
  const last = starts.length - 1;
  for (let k = 0; k <= last; k++) {
    const below = outputs[k];
    const above = outputs[k + 1];
    const from = sizes[k];
    const biases = starts[k] + from * sizes[k + 1];
    for (let j = 0; j < above.length; j++) {
      let sum = weights[biases + j];
      const row = starts[k] + j * from;
      for (let i = 0; i < from; i++) sum += weights[row + i] * below[i];
      if (k < last) sum = isRelu ? Math.max(sum, 0) : Math.tanh(sum);
      above[j] = sum;
    }
  }
  return outputs[last + 1][0];
}

// log(1 + e^z) - y z, without overflow: the cross-entropy of a logit.
function crossEntropy(z, y) {
  return Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
}

// Mean loss of all points of a set.
export function meanLoss(network, weights, points) {
  let sum = 0;
  for (let i = 0; i < points.y.length; i++) {
    const z = forward(network, weights, points.x[2 * i], points.x[2 * i + 1]);
    sum += crossEntropy(z, points.y[i]);
  }
  return sum / points.y.length;
}

// Share of points on the right side.
export function accuracy(network, weights, points) {
  let right = 0;
  for (let i = 0; i < points.y.length; i++) {
    const z = forward(network, weights, points.x[2 * i], points.x[2 * i + 1]);
    right += z > 0 === (points.y[i] === 1) ? 1 : 0;
  }
  return right / points.y.length;
}

// Backpropagation: the mean loss of the points named, its gradient into `gradient`.
export function lossGradient(network, weights, points, chosen, gradient) {
  gradient.fill(0);
  let loss = 0;
  for (const n of chosen) {
    const z = forward(network, weights, points.x[2 * n], points.x[2 * n + 1]);
    loss += crossEntropy(z, points.y[n]);
    const slope = 1 / (1 + Math.exp(-z)) - points.y[n];
    backward(network, weights, slope / chosen.length, gradient);
  }
  return loss / chosen.length;
}

function backward(network, weights, slope, gradient) {
  const { sizes, starts, outputs, errors, isRelu } = network;
  errors[starts.length][0] = slope;
  for (let k = starts.length - 1; k >= 0; k--) {
    const from = sizes[k];
    const below = outputs[k];
    const error = errors[k];
    const biases = starts[k] + from * sizes[k + 1];
    error.fill(0);
    for (let j = 0; j < sizes[k + 1]; j++) {
      const delta = errors[k + 1][j];
      const row = starts[k] + j * from;
      gradient[biases + j] += delta;
      for (let i = 0; i < from; i++) {
        gradient[row + i] += delta * below[i];
        error[i] += delta * weights[row + i];
      }
    }
    for (let i = 0; k > 0 && i < from; i++) {
      error[i] *= isRelu ? Number(below[i] > 0) : 1 - below[i] * below[i];
    }
  }
}
