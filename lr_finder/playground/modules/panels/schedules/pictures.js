// The two pictures of panel 7: the rate, and the loss.

import { legend, markX } from "../../plots/marks.js";
import { Plot } from "../../plots/plot.js";
import { expectedLosses } from "../../training/noisy_descent.js";
import { KNOTS, SCHEDULES } from "./choices.js";

const FIRST_PART = 0.02; // of the rate's axis lies below 0, so that 0 can be seen

export function drawRates(canvas, values, run) {
  const { steps, peak, schedule } = values;
  const plot = new Plot(canvas, {
    title: `${SCHEDULES[schedule].title}: the rate`,
    x: { from: 0, to: steps, label: "step" },
    y: { from: -FIRST_PART * peak, to: peak * 1.12, label: "learning rate" },
  });
  const at = Array.from({ length: steps + 1 }, (_, i) => i);
  plot.line([0, steps], [peak, peak], { ink: "raw", dash: [4, 3], width: 1.5 });
  plot.line(at, run.rates, { ink: "smooth", width: 2.5 });
  for (const drop of run.drops) markX(plot, drop, "", { dash: [2, 2], width: 1 });
  if (schedule === "own") {
    const xs = values.own.map((_, k) => (steps * k) / (KNOTS - 1));
    const ys = values.own.map((share) => share * peak);
    plot.dots(xs, ys, { ink: "accent", size: 5 });
    const k = values.knot - 1;
    plot.dots([xs[k]], [ys[k]], { ink: "accent", size: 9, hollow: true });
  }
}

export function drawLosses(canvas, values, run, flat) {
  const { steps, noise, schedule, peak } = values;
  const made = SCHEDULES[schedule].make(peak, steps, values);
  const curves = [run.losses, flat.losses];
  const high = Math.max(flat.losses[0] * 3, 1);
  const low = Math.max(Math.min(...curves.map((each) => Math.min(...each))) / 3, 1e-6);
  const plot = new Plot(canvas, {
    title: "One training: its loss, and that of a constant rate",
    x: { from: 0, to: steps, label: "step" },
    y: { from: low, to: high, log: true, label: "loss (log scale)" },
  });
  const at = Array.from({ length: steps + 1 }, (_, i) => i);
  plot.line(at, flat.losses, { ink: "raw", width: 1.5 });
  plot.line(at, run.losses, { ink: "smooth", width: 2 });
  const entries = [
    { text: SCHEDULES[schedule].title, ink: "smooth" },
    { text: "constant, same peak", ink: "raw" },
  ];
  if (made) {
    plot.line(at, expectedLosses(made, steps, noise), { ink: "accent", dash: [5, 3] });
    entries.push({ text: "to be expected", ink: "accent", dash: [5, 3] });
  }
  for (const drop of run.drops) markX(plot, drop, "", { dash: [2, 2], width: 1 });
  legend(plot, entries);
}
