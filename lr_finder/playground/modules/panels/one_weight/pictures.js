// The pictures of panel 1: the parabola, the steps that each rate needs, and four rates.

import { arrow, legend, markX, note } from "../../plots/marks.js";
import { formatRate } from "../../plots/numbers.js";
import { Plot } from "../../plots/plot.js";
import { regimeOf, shrinkFactor, stepsToShare } from "../../reference/quadratics.js";

// Rates drawn beside the chosen one, as shares of the best, 1 / curvature.
export const FOUR = [
  { share: 0.1, ink: "line1", dash: [1.5, 2] },
  { share: 1, ink: "line3", dash: [] },
  { share: 1.8, ink: "line4", dash: [6, 3] },
  { share: 2.1, ink: "line5", dash: [2, 2] },
];

// w after each step, 0 … count.
export function weightsOf({ rate, curvature, start }, count) {
  const factor = shrinkFactor(rate, curvature);
  return Float64Array.from({ length: count + 1 }, (_, k) => start * factor ** k);
}

export function drawParabola(canvas, values) {
  const { rate, curvature: h, start, step } = values;
  const reach = Math.max(Math.abs(start), 1) * 1.35;
  const top = (h * reach * reach) / 2;
  const plot = new Plot(canvas, {
    title: `Rate ${formatRate(rate)}: ${regimeOf(rate, h)}`,
    x: { from: -reach, to: reach, label: "weight w" },
    y: { from: -0.12 * top, to: top, label: "loss" },
  });
  const xs = Array.from({ length: 81 }, (_, i) => -reach + (reach * i) / 40);
  const lossAt = (w) => (h * w * w) / 2;
  plot.line(xs, xs.map(lossAt), { ink: "raw", width: 2 });
  const path = weightsOf(values, 20);
  plot.line(path, path.map(lossAt), { ink: "smooth", width: 1.2, dash: [3, 3] });
  plot.dots(path, path.map(lossAt), { ink: "smooth", size: 3 });
  const [w, next] = [path[step], shrinkFactor(rate, h) * path[step]];
  const uphill = Math.max(Math.min(w + 0.3 * h * w, reach), -reach);
  arrow(plot, [w, lossAt(w)], [uphill, lossAt(w)], { ink: "line3" });
  arrow(plot, [w, lossAt(w)], [next, lossAt(w)], { ink: "accent" });
  plot.dots([w], [lossAt(w)], { ink: "accent", size: 6 });
  if (Math.abs(w) > 0.05 && Math.abs(w) < reach) {
    const side = w > 0 ? "left" : "right";
    note(plot, uphill, lossAt(w), "gradient: uphill", {
      ink: "line3",
      dy: -8,
      align: side,
    });
    note(plot, next, lossAt(w), "update", {
      dy: 18,
      ink: "accent",
      align: "center",
      dx: 0,
    });
  }
}

export function drawSteps(canvas, { rate, curvature: h }) {
  const rates = Array.from({ length: 240 }, (_, i) => 0.01 * 1000 ** (i / 239));
  const needed = rates.map((each) => stepsToShare(each, h));
  const plot = new Plot(canvas, {
    title: `Stable below 2/h = ${formatRate(2 / h)}, best at 1/h = ${formatRate(1 / h)}`,
    x: { from: 0.01, to: 10, log: true, label: "learning rate η (log scale)" },
    y: { from: 0.8, to: 3000, log: true, label: "steps to 1 % (log scale)" },
  });
  plot.line(rates, needed, { ink: "smooth", width: 2.5 });
  markX(plot, 1 / h, "best 1/h", { ink: "line3", dash: [5, 3] });
  markX(plot, 2 / h, "limit 2/h", { ink: "text", dash: [2, 2], row: 1 });
  markX(plot, rate, `yours: ${formatRate(rate)}`, { row: 2 });
  plot.dots([rate], [stepsToShare(rate, h)], { ink: "accent", size: 5 });
}

export function drawFour(canvas, values) {
  const count = 20;
  const reach = Math.max(Math.abs(values.start), 1) * 1.6;
  const plot = new Plot(canvas, {
    title: "Four rates, and yours",
    x: { from: 0, to: count, label: "step" },
    y: { from: -reach, to: reach, label: "weight w" },
  });
  const steps = Array.from({ length: count + 1 }, (_, k) => k);
  for (const { share, ink, dash } of FOUR) {
    const rate = share / values.curvature;
    plot.line(steps, weightsOf({ ...values, rate }, count), { ink, dash, width: 2 });
  }
  const own = weightsOf(values, count);
  plot.line(steps, own, { ink: "accent", width: 2.5 });
  plot.dots(steps, own, { ink: "accent", size: 3 });
  plot.dots([values.step], [own[values.step]], { ink: "accent", size: 6 });
  legend(plot, [{ text: "yours", ink: "accent" }], {
    y: plot.box.bottom - plot.box.top - 22,
  });
}
