// Panel 8: a small network learns points of two classes; beside it, one curve is fitted.

import { table } from "../../page/elements.js";
import { formatLoss, formatNumber, formatRate } from "../../plots/numbers.js";
import {
  createTraining,
  epochsOf,
  readPatience,
  trainEpoch,
} from "../../training/fitting.js";
import { networkFields, settingsOf } from "./fields.js";
import { drawCurves, drawDecision, drawFit } from "./pictures.js";

const SLICE = 7; // milliseconds of training between two pictures

let key = "";
let training = null;

// The training of these settings, as far as it has come.
function trainingOf(values) {
  const settings = settingsOf(values);
  const text = JSON.stringify(settings);
  if (text !== key || epochsOf(training) > values.epochs) {
    key = text;
    training = createTraining(settings);
  }
  return training;
}

const isBusy = (values) => {
  const current = trainingOf(values);
  return epochsOf(current) < values.epochs && !current.hasDiverged;
};

function work(values) {
  const until = performance.now() + SLICE;
  while (isBusy(values) && performance.now() < until) trainEpoch(training);
}

function wordsOf(values, current, read) {
  const epoch = epochsOf(current);
  const last = current.validations[epoch];
  if (current.hasDiverged) {
    return `Diverged in epoch ${epoch}: the rate ${formatRate(values.rate)} is too high.`;
  }
  const state =
    epoch < values.epochs ? `Training: epoch ${epoch}.` : `Trained ${epoch} epochs.`;
  const best = `The lowest validation loss, ${formatLoss(current.validations[read.best])}, was in epoch ${read.best}`;
  const stop =
    read.stop === null
      ? "; early stopping would not have ended it"
      : `; early stopping would have ended it after epoch ${read.stop} and kept epoch ${read.best}`;
  return `${state} ${best}, the last one is ${formatLoss(last)}${values.patience ? stop : ""}.`;
}

function formulaOf(values, current) {
  const rate = formatRate(values.rate);
  const decay = formatRate(current.decay);
  const step = {
    none: `w ← w − step(g), η = ${rate}`,
    l2: `g ← g + λ w = g + ${formatRate(current.l2)} · w, then w ← w − step(g), η = ${rate}`,
    decay: `w ← w − η λ w − step(g) = w − ${rate} · ${decay} · w − step(g)`,
  }[current.decay > 0 && values.penalty === "none" ? "decay" : values.penalty];
  return (
    `${current.network.count} weights: 2 ${`– ${values.units} `.repeat(values.layers)}– 1, ` +
    `loss = cross-entropy\n${step}`
  );
}

function draw(values, canvases) {
  const current = trainingOf(values);
  const read = readPatience(current.validations, values.patience);
  drawDecision(canvases.decision, current);
  drawCurves(canvases.curves, values, current, read);
  const fitted = drawFit(canvases.fit, values);
  const at = (epoch) => [
    formatLoss(current.losses[epoch]),
    formatLoss(current.validations[epoch]),
    formatNumber(current.validations[epoch] - current.losses[epoch], 2),
  ];
  const now = epochsOf(current);
  const size = Math.sqrt(current.weights.reduce((sum, w) => sum + w * w, 0));
  const rows = [
    [`best epoch, ${read.best}`, ...at(read.best)],
    [`now, epoch ${now}`, ...at(now)],
  ];
  const caption = `Losses; the size of all weights, ‖w‖, is now ${formatNumber(size, 1)}`;
  const losses = table(caption, ["", "training", "validation", "gap"], rows);
  return {
    verdict: wordsOf(values, current, read),
    formula: formulaOf(values, current),
    tables: [losses],
    words: {
      fit: `A curve fitted with penalty ${formatRate(values.fit)} misses the points by ${formatNumber(fitted.missed)} and the truth by ${formatNumber(fitted.off)}.`,
    },
  };
}

// On to panel 9, with this network.
function sweepIt(values, app) {
  app.go("range_test", { ...values, source: "live" });
  return null;
}

export const smallNetwork = {
  id: "small_network",
  group: "network",
  title: "A small network learns",
  question: "When does a network learn, and when does it only remember?",
  insight:
    "The rate decides whether it learns at all; what it remembers beyond the pattern shows " +
    "as a gap between training and validation loss. Early stopping, a penalty or more data " +
    "keep the gap small. Under Adam, L2 in the loss is divided by the size of past gradients " +
    "like all the rest, so one λ means another thing than in AdamW, whose decay is not divided.",
  fields: networkFields,
  pictures: [
    {
      name: "decision",
      height: 330,
      hint: "Filled: training points. Hollow: validation points, never trained on.",
    },
    { name: "curves", height: 330 },
    {
      name: "fit",
      height: 250,
      wide: true,
      hint: "A polynomial of degree 11 through 14 noisy points: with λ = 0 it chases the noise, with a large λ it is flat.",
    },
  ],
  actions: [
    {
      name: "train",
      label: "Train 50 epochs more",
      run: ({ epochs }) => ({ epochs: Math.min(epochs + 50, 600) }),
    },
    { name: "restart", label: "From the start", run: () => ({ epochs: 0 }) },
    { name: "sweep", label: "Sweep this network", run: sweepIt },
  ],
  isBusy,
  work,
  draw,
  tries: [
    {
      label: "Too low, too high",
      text: "At 1e-4, 150 epochs are far too few. Raise the rate until the curves shake, then until it diverges.",
      set: { rate: 1e-4 },
    },
    {
      label: "Rate and gap",
      text: "At 3e-3 the lowest validation loss comes in epoch 136 in place of 22, and is as low. A higher rate gets there sooner, and then goes on to remember: watch the gap.",
      set: { rate: 0.003 },
    },
    {
      label: "Learning noise",
      text: "There is nothing to learn here, and the training loss falls all the same. The validation loss tells.",
      set: { data: "noise", epochs: 300, units: 16, layers: 3 },
    },
    {
      label: "L2 is not decay",
      text: "λ = 0.01 as L2 in Adam's loss. Change it to weight decay, and compare the size of the weights: the same λ is far weaker.",
      set: { data: "moons", noise: 0.25, penalty: "l2", lambda: 0.01, epochs: 300 },
    },
    {
      label: "The spiral",
      text: "Two hidden layers of tanh learn it at 0.02. Does SGD at 0.02? Find its rate.",
      set: { data: "spiral", noise: 0.02, layers: 2, units: 16, epochs: 400 },
    },
    {
      label: "A flat curve",
      text: "Move the penalty of the curve from 0 to the right: from wiggly over good to flat.",
      set: { fit: 0.05 },
    },
  ],
  terms: [
    ["epoch", "one pass over all training points"],
    ["validation loss", "the loss on points that are not trained on"],
    ["generalization gap", "validation loss minus training loss"],
    ["overfitting", "learning what is chance in the training points"],
    ["L2", "λ w is added to the gradient: large weights cost something"],
    [
      "weight decay",
      "each step makes the weights smaller by a share η λ, past the optimizer",
    ],
    [
      "patience",
      "epochs without a lower validation loss before early stopping ends it",
    ],
  ],
};
