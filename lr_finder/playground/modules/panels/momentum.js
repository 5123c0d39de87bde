// Panel 4: for which rate and momentum does a descent converge, and how fast?

import { slider } from "../page/fields.js";
import { remember } from "../page/remember.js";
import { drawImage, paint, sampleGrid } from "../plots/maps.js";
import { legend, note } from "../plots/marks.js";
import { formatNumber, formatRate } from "../plots/numbers.js";
import { color } from "../plots/palette.js";
import { Plot } from "../plots/plot.js";
import { momentumFactor, stableLimit, swingPeriod } from "../reference/quadratics.js";

const STEPS = 80;
const NODES = 72; // of the map, to a side
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

// The slower of the two directions: the factor by which the error shrinks in a step.
export function factorOf(rate, beta, condition) {
  return Math.max(
    momentumFactor(rate, beta, 1),
    momentumFactor(rate, beta, 1 / condition),
  );
}

// The best pair, in closed form (Polyak): {rate, beta} for curvatures 1 and 1/κ.
export function bestPair(condition) {
  const root = Math.sqrt(1 / condition);
  return { rate: (2 / (1 + root)) ** 2, beta: ((1 - root) / (1 + root)) ** 2 };
}

const mapOf = remember((condition) => {
  const grid = sampleGrid(
    (rate, beta) => factorOf(rate, beta, condition),
    [0.01, 4, 0, HIGHEST],
    NODES,
    NODES,
  );
  const shade = (factor) => (factor >= 1 ? 1 : Math.min(factor ** 4, 1) * 0.85);
  return paint(grid, shade, ["low", "high"]);
});

function drawFactors(canvas, { rate, beta, condition }) {
  const plot = new Plot(canvas, {
    title: "Where it converges: darker is faster",
    x: { from: 0, to: 4, label: "rate η × curvature of the steep direction" },
    y: { from: 0, to: 1, label: "momentum β" },
  });
  drawImage(plot, mapOf([condition, color("low"), color("high")].join(), condition));
  const betas = Array.from({ length: 41 }, (_, k) => k / 40);
  plot.line(
    betas.map((each) => stableLimit(each, 1)),
    betas,
    { ink: "text", dash: [5, 3] },
  );
  note(plot, stableLimit(0.35, 1), 0.35, "limit 2(1 + β)", { size: 11 });
  const best = bestPair(condition);
  plot.dots([best.rate], [best.beta], { ink: "line3", size: 5 });
  note(plot, best.rate, best.beta, "best pair", { ink: "line3", size: 11, dy: 16 });
  plot.dots([rate], [beta], { ink: "accent", size: 7 });
  note(plot, rate, beta, "yours", { ink: "accent" });
}

// Both weights after each step, from (1, 1): heavy-ball momentum as Keras has it.
export function pathOf({ rate, beta, condition }) {
  const h = [1, 1 / condition];
  const [w, v] = [
    [1, 1],
    [0, 0],
  ];
  const path = [[1], [1]];
  for (let step = 0; step < STEPS; step++) {
    for (const k of [0, 1]) {
      v[k] = beta * v[k] - rate * h[k] * w[k];
      w[k] += v[k];
      path[k].push(w[k]);
    }
  }
  return path;
}

function drawTrace(canvas, path) {
  const plot = new Plot(canvas, {
    title: "Both weights, step by step",
    x: { from: 0, to: STEPS, label: "step" },
    y: { from: -1.6, to: 1.6, label: "weight" },
  });
  const steps = path[0].map((_, k) => k);
  plot.line(steps, path[1], { ink: "line3", dash: [6, 3], width: 2 });
  plot.line(steps, path[0], { ink: "smooth", width: 2 });
  legend(plot, [
    { text: "steep direction", ink: "smooth" },
    { text: "flat direction", ink: "line3", dash: [6, 3] },
  ]);
}

function drawPath(canvas, path) {
  const plot = new Plot(canvas, {
    title: "The path",
    x: { from: -1.6, to: 1.6, label: "flat direction" },
    y: { from: -1.6, to: 1.6, label: "steep direction" },
  });
  plot.line(path[1], path[0], { ink: "accent", width: 1.6 });
  plot.dots(path[1], path[0], { ink: "accent", size: 2.5 });
  plot.dots([0], [0], { ink: "text", size: 4 });
  note(plot, 0, 0, "minimum", { size: 11, ink: "muted", dy: 15 });
  plot.dots([1], [1], { ink: "text", size: 5, hollow: true });
  note(plot, 1, 1, "start", { size: 11 });
}

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
    "it costs is swinging. So a rate found without momentum is too high with it: tune the two together.",
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
