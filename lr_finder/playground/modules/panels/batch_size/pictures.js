// The pictures of panel 6: noisy descents of several batch sizes, and the floor's map.

import { normals } from "../../models/random.js";
import { remember } from "../../page/remember.js";
import {
  contours,
  drawContours,
  drawImage,
  paint,
  sampleGrid,
} from "../../plots/maps.js";
import { legend, markY, note } from "../../plots/marks.js";
import { formatLoss, formatRate } from "../../plots/numbers.js";
import { color } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { noiseFloor } from "../../reference/quadratics.js";

export const CURVATURE = 1;
const START = 3;
const SAMPLES = 6400; // in the whole training, if samples are what counts
const STEPS = 200; // if steps are
export const BATCHES = [1, 4, 16, 64, 256];
export const INKS = ["line5", "line4", "line3", "line1", "raw"];
const DASHES = [[1.5, 2], [6, 2, 1, 2], [6, 3], [], [2, 2]];
const TOP_BATCH = 1024;
const NOISE = normals(SAMPLES, 31);

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

export const stepsOf = (axis, batch) =>
  axis === "steps" ? STEPS : Math.max(1, Math.floor(SAMPLES / batch));

// E[loss] after so many steps: the start forgotten step by step, plus the floor.
export function expectedAfter({ rate, sigma }, batch, steps) {
  const kept = (1 - rate * CURVATURE) ** (2 * steps);
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, batch);
  return (kept * CURVATURE * START * START) / 2 + (1 - kept) * floor;
}

export function drawDescents(canvas, values) {
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
  const levels = Array.from({ length: 13 }, (_, k) => -5 + k / 2);
  return { pieces: contours(grid, levels), image: paint(grid, shade, ["low", "high"]) };
});

export function drawFloors(canvas, values) {
  const { sigma, rate, batch } = values;
  const plot = new Plot(canvas, {
    title: "The floor: equal along the lines, η / batch",
    x: {
      from: Math.log10(0.005),
      to: Math.log10(1.9),
      label: "learning rate η (log scale)",
      tick: (x) => formatRate(10 ** x),
    },
    y: {
      from: 0,
      to: Math.log2(TOP_BATCH),
      label: "batch size (log scale)",
      tick: (y) => `${2 ** y}`,
    },
  });
  const key = [sigma, color("low"), color("high")].join();
  const { pieces, image } = mapOf(key, sigma);
  drawImage(plot, image);
  drawContours(plot, pieces);
  const x = Math.log10(rate);
  plot.dots([x], [batch], { ink: "accent", size: 7 });
  const floor = noiseFloor(rate, CURVATURE, sigma * sigma, 2 ** batch);
  note(plot, x, batch, `floor ${formatLoss(floor)}`, { ink: "accent" });
}
