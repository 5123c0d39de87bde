// The pictures of panel 8: the decision map, the loss curves, and one fitted curve.

import { forward } from "../../models/network.js";
import { REACH } from "../../models/point_sets.js";
import { fitRidge, valueAt, waveAt, wavePoints } from "../../models/polynomial.js";
import { drawImage, paint, sampleGrid } from "../../plots/maps.js";
import { legend, markX } from "../../plots/marks.js";
import { formatNumber, formatRate, percent } from "../../plots/numbers.js";
import { color } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { scores } from "../../training/fitting.js";

const MAP = 34; // points to a side of the decision map
const EDGE = 1.15 * REACH;
const POINTS_FITTED = wavePoints();

// The map of the latest training, drawn anew after each epoch.
let known = { of: null, key: "", image: null };

function mapOf(current) {
  const { network, weights, losses } = current;
  const key = [losses.length, color("first"), color("second")].join();
  if (known.of === current && known.key === key) return known.image;
  const grid = sampleGrid(
    (x, y) => forward(network, weights, x, y),
    [-EDGE, EDGE, -EDGE, EDGE],
    MAP,
    MAP,
  );
  const shade = (z) => 1 / (1 + Math.exp(-Math.max(Math.min(z, 30), -30)));
  known = { of: current, key, image: paint(grid, shade, ["first", "second"]) };
  return known.image;
}

export function drawDecision(canvas, current) {
  const { train, validation } = current;
  const [own, other] = scores(current).map(percent);
  const plot = new Plot(canvas, {
    title: `Right: ${own} of the training points, ${other} of the others`,
    x: { from: -EDGE, to: EDGE, label: "x₁" },
    y: { from: -EDGE, to: EDGE, label: "x₂" },
  });
  drawImage(plot, mapOf(current));
  for (const [points, hollow] of [
    [train, false],
    [validation, true],
  ]) {
    for (const [label, ink] of [
      [0, "smooth"],
      [1, "accent"],
    ]) {
      const chosen = [...points.y.keys()].filter((i) => points.y[i] === label);
      const at = (k) => chosen.map((i) => points.x[2 * i + k]);
      plot.dots(at(0), at(1), { ink, hollow, size: 3, width: 1.2 });
    }
  }
}

export function drawCurves(canvas, values, current, read) {
  const { losses, validations } = current;
  const finite = [...losses, ...validations].filter((loss) => loss > 0 && loss < 1e3);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const gap = validations[validations.length - 1] - losses[losses.length - 1];
  const plot = new Plot(canvas, {
    title: `Generalization gap now: ${formatNumber(gap, 2)}`,
    x: { from: 0, to: Math.max(values.epochs, 10), label: "epoch" },
    y: { from: low / 1.3, to: high * 1.6, log: true, label: "loss (log scale)" },
  });
  const epochs = losses.map((_, k) => k);
  plot.line(epochs, losses, { ink: "raw", width: 2 });
  plot.line(epochs, validations, { ink: "smooth", width: 2.5 });
  if (values.patience > 0) {
    markX(plot, read.best, `best: epoch ${read.best}`, { ink: "line3", row: 1 });
    if (read.stop !== null) {
      markX(plot, read.stop, `stops: ${read.stop}`, { dash: [4, 3], row: 2 });
    }
  }
  const entries = [
    { text: "training", ink: "raw" },
    { text: "validation", ink: "smooth" },
  ];
  legend(plot, entries, { y: plot.box.bottom - plot.box.top - 22 });
}

export function drawFit(canvas, { fit }) {
  const coefficients = fitRidge(POINTS_FITTED, fit);
  const xs = Array.from({ length: 121 }, (_, i) => -1 + i / 60);
  const curve = xs.map((x) => valueAt(coefficients, x));
  const rms = (values) =>
    Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  const off = rms(xs.map((x, i) => Math.min(Math.max(curve[i] - waveAt(x), -9), 9)));
  const { x, y } = POINTS_FITTED;
  const missed = rms([...x].map((each, i) => valueAt(coefficients, each) - y[i]));
  const kind = fit < 1e-3 ? "wiggly" : fit > 5 ? "flat" : "smooth";
  const plot = new Plot(canvas, {
    title: `One curve, λ = ${formatRate(fit)}: ${kind}, ${formatNumber(off)} off the truth`,
    x: { from: -1, to: 1, label: "x" },
    y: { from: -2, to: 2, label: "y" },
  });
  plot.line(xs, xs.map(waveAt), { ink: "raw", dash: [5, 3] });
  plot.line(xs, curve, { ink: "smooth", width: 2.5 });
  plot.dots(x, y, { ink: "accent", size: 4 });
  legend(plot, [
    { text: "points", ink: "accent", dot: true },
    { text: "truth", ink: "raw", dash: [5, 3] },
    { text: "fitted", ink: "smooth" },
  ]);
  return { off, missed };
}
