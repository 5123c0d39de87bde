// The settings of the small network, which the panels 8 and 9 share.

import { choice, slider } from "../../page/fields.js";
import { OPTIMIZERS, TITLES } from "../../reference/optimizers.js";
import { POINTS } from "../../training/fitting.js";

const BATCHES = [1, 4, 16, 32, POINTS];
const optimizers = Object.fromEntries(OPTIMIZERS.map((name) => [name, TITLES[name]]));

export const networkFields = [
  choice("data", {
    label: "Data",
    values: {
      moons: "two moons",
      circles: "circles",
      spiral: "spiral",
      xor: "XOR: opposite corners",
      noise: "nothing but noise",
    },
    initial: "moons",
  }),
  slider("noise", {
    label: "Noise of the points",
    min: 0,
    max: 0.5,
    step: 0.01,
    initial: 0.12,
  }),
  slider("layers", { label: "Hidden layers", min: 1, max: 3, initial: 2 }),
  slider("units", { label: "Units in each", min: 2, max: 16, initial: 12 }),
  choice("activation", {
    label: "Activation",
    values: { tanh: "tanh", relu: "ReLU" },
    initial: "tanh",
  }),
  choice("optimizer", { label: "Optimizer", values: optimizers, initial: "adam" }),
  slider("rate", {
    label: "Learning rate η",
    min: 1e-4,
    max: 10,
    log: true,
    initial: 0.02,
  }),
  slider("batch", {
    label: "Batch size",
    min: 0,
    max: BATCHES.length - 1,
    initial: 2,
    show: (place) =>
      BATCHES[place] === POINTS ? `all ${POINTS}` : `${BATCHES[place]}`,
  }),
  choice("penalty", {
    label: "Against overfitting",
    values: { none: "nothing", l2: "L2 in the loss", decay: "weight decay, as AdamW" },
    initial: "none",
  }),
  slider("lambda", {
    label: "Its strength λ",
    min: 1e-5,
    max: 1,
    log: true,
    zero: true,
    initial: 0.01,
    visible: ({ penalty }) => penalty !== "none",
  }),
  slider("epochs", { label: "Epochs", min: 0, max: 600, step: 5, initial: 150 }),
  slider("patience", {
    label: "Patience of early stopping",
    min: 0,
    max: 60,
    initial: 15,
    show: (patience) => (patience ? `${patience} epochs` : "off"),
    hint: "It only reads the curve again: nothing is trained anew.",
  }),
  slider("seed", { label: "Draw of points and weights", min: 1, max: 20, initial: 1 }),
  slider("fit", {
    label: "Penalty λ of the curve",
    min: 1e-8,
    max: 100,
    log: true,
    zero: true,
    initial: 0,
  }),
];

// What decides a training, with the batch size as a number.
export function settingsOf(values) {
  const { epochs: _e, patience: _p, fit: _f, batch, ...rest } = values;
  const lambda = values.penalty === "none" ? 0 : values.lambda;
  return { ...rest, batch: BATCHES[batch], lambda };
}
