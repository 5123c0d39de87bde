// The training of the small network, epoch by epoch: the settings and the seed decide
// it to the last bit, so a link brings it back.

import {
  accuracy,
  createNetwork,
  initialWeights,
  lossGradient,
  meanLoss,
} from "../models/network.js";
import { drawPoints } from "../models/point_sets.js";
import { createRandom, shuffled } from "../models/random.js";
import { createOptimizer } from "../reference/optimizers.js";

export const POINTS = 120; // of each split
const HOPELESS = 1e3; // a loss beyond this has diverged

export function createTraining(settings) {
  const { data, noise, layers, units, activation, optimizer, seed } = settings;
  const network = createNetwork(layers, units, activation);
  const decoupled = settings.penalty === "decay" ? settings.lambda : 0;
  const training = {
    network,
    settings,
    weights: initialWeights(network, seed),
    train: drawPoints(data, POINTS, noise, 2 * seed),
    validation: drawPoints(data, POINTS, noise, 2 * seed + 1),
    rule: createOptimizer(optimizer === "adamw" ? "adam" : optimizer, network.count),
    decay: optimizer === "adamw" ? Math.max(decoupled, 0.004) : decoupled,
    l2: settings.penalty === "l2" ? settings.lambda : 0,
    gradient: new Float64Array(network.count),
    random: createRandom(77 + seed),
    losses: [],
    validations: [],
    hasDiverged: false,
  };
  record(training);
  return training;
}

export function epochsOf(training) {
  return training.losses.length - 1;
}

// One pass over the training points.
export function trainEpoch(training) {
  const order = shuffled(POINTS, training.random);
  const { batch, rate } = training.settings;
  for (let first = 0; first < POINTS; first += batch) {
    trainBatch(training, order.slice(first, first + batch), rate);
  }
  record(training);
}

// One step; returns the loss of its batch, measured before the step.
export function trainBatch(training, chosen, rate) {
  const { network, weights, gradient } = training;
  const loss = lossGradient(network, weights, training.train, chosen, gradient);
  if (training.l2 > 0) {
    for (let i = 0; i < weights.length; i++) gradient[i] += training.l2 * weights[i];
  }
  if (training.decay > 0) {
    for (let i = 0; i < weights.length; i++) {
      weights[i] -= weights[i] * training.decay * rate;
    }
  }
  training.rule.step(weights, gradient, rate);
  return loss;
}

function record(training) {
  const { network, weights } = training;
  const loss = meanLoss(network, weights, training.train);
  training.losses.push(loss);
  training.validations.push(meanLoss(network, weights, training.validation));
  training.hasDiverged = training.hasDiverged || !(loss < HOPELESS);
}

export function scores(training) {
  const { network, weights, train, validation } = training;
  return [train, validation].map((points) => accuracy(network, weights, points));
}

// Early stopping reads a curve that is there: {best, stop}, epochs; stop is null if the
// patience never ran out. It keeps the weights of the best epoch, and retrains nothing.
export function readPatience(validations, patience) {
  let best = 0;
  for (let epoch = 1; epoch < validations.length; epoch++) {
    if (validations[epoch] < validations[best]) best = epoch;
    else if (patience > 0 && epoch - best >= patience) return { best, stop: epoch };
  }
  return { best, stop: null };
}
