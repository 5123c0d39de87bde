// Panel 6: the batch size, against the rate and against time.

import { chip, table } from "../../page/elements.js";
import { choice, slider } from "../../page/fields.js";
import { formatLoss, formatNumber, formatRate } from "../../plots/numbers.js";
import { noiseFloor } from "../../reference/quadratics.js";
import {
  BATCHES,
  CURVATURE,
  drawDescents,
  drawFloors,
  expectedAfter,
  INKS,
  stepsOf,
} from "./pictures.js";

const fields = [
  slider("rate", {
    label: "Learning rate η",
    min: 0.005,
    max: 1.9,
    log: true,
    initial: 0.1,
  }),
  slider("batch", {
    label: "Batch size",
    min: 0,
    max: 10,
    initial: 3,
    show: (power) => `${2 ** power}`,
  }),
  slider("sigma", {
    label: "Noise of one sample",
    min: 0.1,
    max: 10,
    log: true,
    initial: 2,
  }),
  choice("axis", {
    label: "Compare at equal",
    values: { steps: "steps", samples: "samples (epochs)" },
    initial: "steps",
  }),
];

function tableOfBatches(values) {
  const { axis, rate } = values;
  const rows = BATCHES.map((batch, k) => {
    const steps = stepsOf(axis, batch);
    const scaled = Math.min(rate * (batch / 16), 1);
    return [
      chip(INKS[k], `${batch}`),
      `${steps}`,
      formatLoss(expectedAfter(values, batch, steps)),
      formatRate(scaled),
      formatLoss(expectedAfter({ ...values, rate: scaled }, batch, steps)),
    ];
  });
  const head = [
    "batch",
    "steps",
    "loss at your rate",
    "rate · batch / 16",
    "loss there",
  ];
  return table(`Loss to expect at equal ${axis}`, head, rows);
}

function draw(values, canvases) {
  drawDescents(canvases.descents, values);
  drawFloors(canvases.floors, values);
  const { rate, sigma, axis } = values;
  const batch = 2 ** values.batch;
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, batch);
  const steps = stepsOf(axis, batch);
  const reached = expectedAfter(values, batch, steps);
  const verdict =
    `Batch ${batch} at rate ${formatRate(rate)}: ${steps} steps lead to ${formatLoss(reached)}, ` +
    `and the noise keeps it above ${formatLoss(floor)}. Twice the batch halves that floor, and so ` +
    `does half the rate, which takes twice the steps.`;
  const formula =
    `floor = η σ² / (2 B (2 − η h)) = ${formatRate(rate)} · ${formatNumber(sigma * sigma)} / ` +
    `(2 · ${batch} · (2 − ${formatRate(rate * CURVATURE)})) = ${formatLoss(floor)}`;
  return { verdict, formula, tables: [tableOfBatches(values)] };
}

const placed = (x, y) => ({
  rate: Number(Math.min(Math.max(10 ** x, 0.005), 1.9).toPrecision(3)),
  batch: Math.min(Math.max(Math.round(y), 0), 10),
});

export const batchSize = {
  id: "batch_size",
  title: "Batch size",
  question: "What does doubling the batch do?",
  insight:
    "A batch of twice the size has a gradient with half the variance. That lowers the floor on which " +
    "a constant rate rests, or allows nearly twice the rate, until the rate meets its limit 2/h: from " +
    "there on a larger batch buys nothing. At equal samples a large batch has few steps.",
  fields,
  pictures: [
    { name: "descents", height: 340 },
    {
      name: "floors",
      height: 340,
      hint: "Click a rate and a batch size; arrow keys move them.",
      point: (x, y) => placed(x, y),
      move: (dx, dy, large, { rate, batch }) =>
        placed(Math.log10(rate) + dx * (large ? 0.2 : 0.02), batch + dy),
    },
  ],
  draw,
  tries: [
    {
      label: "Equal steps",
      text: "Per step a larger batch is never worse. But each step costs more.",
      set: { batch: 8 },
    },
    {
      label: "Equal samples",
      text: "Per sample the batch of 256 has 25 steps and does not arrive. Raise the rate.",
      set: { axis: "samples", batch: 8 },
    },
    {
      label: "Along a line",
      text: "Rate and batch both doubled: the floor stays nearly where it was.",
      set: { rate: 0.2, batch: 4 },
    },
  ],
  terms: [
    ["batch size B", "how many samples one gradient is averaged over"],
    ["σ²", "the variance of the gradient of one sample"],
    [
      "noise floor",
      "the loss that a constant rate settles at: noise comes in as fast as it is forgotten",
    ],
    ["epoch", "one pass over all samples"],
  ],
};
