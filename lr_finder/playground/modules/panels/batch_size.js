// Panel 6: the batch size, against the rate and against time.

import { normals } from "../models/random.js";
import { chip, table } from "../page/elements.js";
import { choice, slider } from "../page/fields.js";
import { remember } from "../page/remember.js";
import { drawContours, drawImage, paint, sampleGrid } from "../plots/maps.js";
import { legend, markY, note } from "../plots/marks.js";
import { formatLoss, formatNumber, formatRate } from "../plots/numbers.js";
import { color } from "../plots/palette.js";
import { Plot } from "../plots/plot.js";
import { noiseFloor } from "../reference/quadratics.js";

const CURVATURE = 1;
const START = 3;
const SAMPLES = 6400; // in the whole training, if samples are what counts
const STEPS = 200; // if steps are
const BATCHES = [1, 4, 16, 64, 256];
const INKS = ["line5", "line4", "line3", "line1", "raw"];
const DASHES = [[1.5, 2], [6, 2, 1, 2], [6, 3], [], [2, 2]];
const TOP_BATCH = 1024;
const NOISE = normals(SAMPLES, 31);

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

// One noisy descent: the loss after each step.
export function descentOf({ rate, sigma }, batch, steps) {
  let w = START;
  const losses = [(CURVATURE * w * w) / 2];
  const spread = sigma / Math.sqrt(batch);
  for (let i = 0; i < steps; i++) {
    w -= rate * (CURVATURE * w + spread * NOISE[i % SAMPLES]);
    losses.push((CURVATURE * w * w) / 2);
  }
  return losses;
}

const stepsOf = (axis, batch) =>
  axis === "steps" ? STEPS : Math.max(1, Math.floor(SAMPLES / batch));

// E[loss] after so many steps: the start forgotten step by step, plus the floor.
export function expectedAfter({ rate, sigma }, batch, steps) {
  const kept = (1 - rate * CURVATURE) ** (2 * steps);
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, batch);
  return (kept * CURVATURE * START * START) / 2 + (1 - kept) * floor;
}

function drawDescents(canvas, values) {
  const { rate, sigma, axis } = values;
  const batch = 2 ** values.batch;
  const isSteps = axis === "steps";
  const plot = new Plot(canvas, {
    title: isSteps
      ? "At equal steps a larger batch only helps"
      : "At equal samples it has fewer steps",
    x: {
      from: isSteps ? 0 : 1,
      to: isSteps ? STEPS : SAMPLES,
      log: !isSteps,
      label: isSteps ? "step" : "samples seen (log scale)",
    },
    y: { from: 1e-4, to: 20, log: true, label: "loss (log scale)" },
  });
  const shown = [...BATCHES.map((each, k) => [each, INKS[k], DASHES[k], 1.3])];
  shown.push([batch, "accent", [], 2.5]);
  for (const [size, ink, dash, width] of shown) {
    const steps = stepsOf(axis, size);
    const losses = meanOf(descentOf(values, size, steps));
    const every = isSteps ? 1 : size;
    plot.line(
      losses.map((_, k) => k * every),
      losses,
      { ink, dash, width },
    );
  }
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, batch);
  markY(plot, floor, `floor of batch ${batch}`, { ink: "accent" });
  const entries = BATCHES.map((each, k) => ({
    text: `${each}`,
    ink: INKS[k],
    dash: DASHES[k],
  }));
  legend(plot, [...entries, { text: `yours: ${batch}`, ink: "accent" }]);
}

// Means over the last ten steps, so that five lines can be told apart.
function meanOf(losses) {
  let sum = 0;
  return losses.map((loss, k) => {
    sum += loss - (k >= 10 ? losses[k - 10] : 0);
    return sum / Math.min(k + 1, 10);
  });
}

const mapOf = remember((sigma) => {
  const window = [Math.log10(0.005), Math.log10(1.9), 0, Math.log2(TOP_BATCH)];
  const value = (x, y) =>
    Math.log10(noiseFloor(10 ** x, CURVATURE, sigma ** 2, 2 ** y));
  const grid = sampleGrid(value, window, 40, 40);
  const shade = (floor) => Math.min(Math.max((floor + 5) / 6, 0), 1);
  return { grid, image: paint(grid, shade, ["low", "high"]) };
});

function drawFloors(canvas, values) {
  const { sigma, rate, batch } = values;
  const plot = new Plot(canvas, {
    title: "The floor: equal along the lines, η / batch",
    x: { from: Math.log10(0.005), to: Math.log10(1.9), label: "log10 of the rate η" },
    y: { from: 0, to: Math.log2(TOP_BATCH), label: "batch size, as a power of 2" },
  });
  const key = [sigma, color("low"), color("high")].join();
  const { grid, image } = mapOf(key, sigma);
  drawImage(plot, image);
  const levels = Array.from({ length: 13 }, (_, k) => -5 + k / 2);
  drawContours(plot, grid, levels);
  const x = Math.log10(rate);
  plot.dots([x], [batch], { ink: "accent", size: 7 });
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, 2 ** batch);
  note(plot, x, batch, `floor ${formatLoss(floor)}`, { ink: "accent" });
}

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
