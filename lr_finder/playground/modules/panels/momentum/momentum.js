// Panel 4: for which rate and momentum does a descent converge, and how fast?

import { slider } from "../../page/fields.js";
import { formatNumber, formatRate } from "../../plots/numbers.js";
import { stableLimit, swingPeriod } from "../../reference/quadratics.js";
import {
  bestPair,
  drawFactors,
  drawPath,
  drawTrace,
  factorOf,
  pathOf,
  STEPS,
} from "./pictures.js";

const HIGHEST = 0.99; // momentum

const fields = [
  slider("rate", {
    label: "Learning rate η",
    min: 0.01,
    max: 4,
    step: 0.01,
    initial: 0.4,
  }),
  slider("beta", {
    label: "Momentum β",
    min: 0,
    max: HIGHEST,
    step: 0.01,
    initial: 0.8,
  }),
  slider("condition", {
    label: "Condition κ",
    min: 1,
    max: 100,
    log: true,
    initial: 10,
    hint: "The steep direction has curvature 1, the flat one 1/κ.",
  }),
];

function draw(values, canvases) {
  const { rate, beta, condition } = values;
  const path = pathOf(values);
  drawFactors(canvases.map, values);
  drawPath(canvases.path, path);
  drawTrace(canvases.trace, path);
  const factor = factorOf(rate, beta, condition);
  const limit = stableLimit(beta, 1);
  const tenth = Math.ceil(Math.log(0.1) / Math.log(factor));
  const end =
    factor < 1
      ? `a tenth of the error after about ${tenth} steps`
      : "it does not converge";
  const period = swingPeriod(rate, beta, 1);
  const swing =
    period < STEPS
      ? `swings once in ${formatNumber(period, 1)} steps`
      : "does not swing";
  const verdict =
    `Each step leaves ${formatNumber(factor, 3)} of the error: ${end}. The steep direction ` +
    `${swing}. Without momentum the limit is 2, with β = ${formatNumber(beta)} it is ` +
    `${formatNumber(limit)}; a steady gradient counts ${formatNumber(1 / (1 - beta), 1)} times.`;
  const best = bestPair(condition);
  const formula =
    `v ← β v − η g = ${formatNumber(beta)} v − ${formatRate(rate)} g,   w ← w + v\n` +
    `limit 2(1 + β)/h = ${formatNumber(limit)}; best pair for κ = ${formatRate(condition)}: ` +
    `η = ${formatNumber(best.rate)}, β = ${formatNumber(best.beta)}, which leaves ` +
    `${formatNumber(factorOf(best.rate, best.beta, condition), 3)}`;
  return { verdict, formula };
}

const inside = (value, low, high) =>
  Number(Math.min(Math.max(value, low), high).toFixed(2));
const placed = (rate, beta) => ({
  rate: inside(rate, 0.01, 4),
  beta: inside(beta, 0, HIGHEST),
});

export const momentum = {
  id: "momentum",
  title: "Momentum",
  question: "What does momentum do to the rates that work?",
  insight:
    "Momentum makes the stable range up to twice as wide, not ten times, though a steady " +
    "gradient counts up to 1/(1 − β) times. What it gains is the flat direction, and what " +
    "it costs is swinging. So rate and momentum are tuned together.",
  fields,
  pictures: [
    {
      name: "map",
      height: 340,
      hint: "Click a point; arrow keys move it: left and right the rate, up and down β.",
      point: (x, y) => placed(x, y),
      move: (dx, dy, large, { rate, beta }) =>
        placed(rate + dx * (large ? 0.2 : 0.02), beta + dy * (large ? 0.1 : 0.01)),
    },
    { name: "path", height: 340 },
    { name: "trace", height: 230, wide: true },
  ],
  actions: [
    {
      name: "best",
      label: "To the best pair",
      run: ({ condition }) => {
        const best = bestPair(condition);
        return placed(best.rate, best.beta);
      },
    },
  ],
  draw,
  tries: [
    {
      label: "Beyond 2",
      text: "Rate 3 diverges without momentum. With 0.8 it converges: the limit is 3.6.",
      set: { rate: 3, beta: 0.8 },
    },
    {
      label: "Too much of it",
      text: "At β = 0.98 it swings for hundreds of steps. Lower β until it stops.",
      set: { rate: 0.2, beta: 0.98 },
    },
    {
      label: "None of it",
      text: "Without momentum the flat direction creeps. Compare with the best pair.",
      set: { rate: 1.8, beta: 0, condition: 50 },
    },
  ],
  terms: [
    ["momentum β", "the share of the last step that is kept"],
    ["converges", "the error becomes as small as you like"],
    ["limit", "above this rate every step makes the error larger"],
    ["condition κ", "the ratio of the largest curvature to the smallest"],
  ],
};
