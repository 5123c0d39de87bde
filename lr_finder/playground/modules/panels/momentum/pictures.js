// The pictures of panel 4: the map of rate and momentum, the path and its trace.

import { remember } from "../../page/remember.js";
import { drawImage, paint, sampleGrid } from "../../plots/maps.js";
import { legend, note } from "../../plots/marks.js";
import { color } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { momentumFactor, stableLimit } from "../../reference/quadratics.js";

export const STEPS = 80;
const NODES = 72; // of the map, to a side

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
    [0, 4, 0, 1],
    NODES,
    NODES,
  );
  const shade = (factor) => (factor >= 1 ? 1 : Math.min(factor ** 4, 1) * 0.85);
  return paint(grid, shade, ["low", "high"]);
});

export function drawFactors(canvas, { rate, beta, condition }) {
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

export function drawTrace(canvas, path) {
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

export function drawPath(canvas, path) {
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
