// Panel 3: the final loss of each optimizer against its rate, on the surface of panel 2.

import { chip, table } from "../../page/elements.js";
import { markX } from "../../plots/marks.js";
import { formatLoss, formatNumber, formatRate } from "../../plots/numbers.js";
import { DASHES } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { OPTIMIZERS, TITLES } from "../../reference/optimizers.js";
import { outcome, RATES } from "../../training/descent.js";
import {
  curvesOf,
  ownRates,
  pathsOf,
  startOf,
  surfaceFields,
  surfaceOf,
} from "./fields.js";
import { drawMap, startAt, startMoved } from "./map.js";

const FLOOR = 1e-8; // of the loss that is drawn
const TOP = 1e4;

function drawCurves(canvas, values, own) {
  const curves = curvesOf(values);
  const { lowest } = surfaceOf(values);
  const plot = new Plot(canvas, {
    title: `At rate ${formatRate(values.rate)}: read up from the line`,
    x: { from: RATES[0], to: 10, log: true, label: "learning rate η (log scale)" },
    y: {
      from: FLOOR,
      to: TOP,
      log: true,
      label: `loss above the minimum, step ${values.steps}`,
    },
  });
  for (const name of values.shown) {
    const above = curves[name].losses.map((loss) =>
      Math.min(Math.max(loss - lowest, FLOOR), TOP * 10),
    );
    plot.line(RATES, above, { ink: name, dash: DASHES[name], width: 2.2 });
    const best = curves[name].losses[RATES.indexOf(own[name])];
    plot.dots([own[name]], [Math.max(best - lowest, FLOOR)], { ink: name, size: 5 });
  }
  markX(plot, values.rate, `η = ${formatRate(values.rate)}`, { width: 2 });
}

function tableOfRates(values, own) {
  const surface = surfaceOf(values);
  const start = startOf(values);
  const at = (name, rate) => outcome(surface, name, start, rate, values.steps).loss;
  const rows = values.shown.map((name) => [
    chip(name, TITLES[name]),
    formatRate(own[name]),
    formatLoss(at(name, own[name])),
    formatLoss(at(name, values.rate)),
  ]);
  const head = ["optimizer", "its own rate", "loss there", "loss at the cursor"];
  return table(`After ${values.steps} steps`, head, rows);
}

function draw(values, canvases) {
  const own = ownRates(values);
  drawCurves(canvases.curves, values, own);
  const rates = Object.fromEntries(OPTIMIZERS.map((name) => [name, values.rate]));
  const paths = pathsOf(values, rates);
  const lost = paths.filter(({ hasDiverged }) => hasDiverged).map(({ name }) => name);
  const title = `All at rate ${formatRate(values.rate)}`;
  drawMap(canvases.map, values, paths, title, values.steps);
  const asked = values.shown.map((name) => own[name]);
  const spread = Math.max(...asked) / Math.min(...asked);
  const gone = lost.map((name) => TITLES[name]).join(", ");
  const verdict = values.shown.length
    ? `The own rates of these optimizers lie within a factor of ${formatNumber(spread, 0)}. ` +
      `At ${formatRate(values.rate)} ${gone ? `${gone} diverged` : "none diverged"}.`
    : "Choose an optimizer.";
  const wall =
    values.surface === "quadratic"
      ? `SGD's wall: 2/κ = 2/${formatRate(values.condition)} = ${formatRate(2 / values.condition)}\n`
      : "";
  const listed = values.shown.map((name) => `${TITLES[name]} ${formatRate(own[name])}`);
  const formula = `${wall}own rates: ${listed.join(", ") || "none"}`;
  return { verdict, formula, tables: [tableOfRates(values, own)] };
}

const clampRate = (x) => Number(Math.min(Math.max(x, 1e-4), 10).toPrecision(3));

export const ownRate = {
  id: "own_rate",
  group: "surface",
  title: "Each its own rate",
  question: "Is one learning rate fair to all optimizers?",
  insight:
    "Each optimizer has a rate of its own, often ten or a hundred times another's: a " +
    "comparison at one rate measures who was lucky. SGD's curve ends in a wall, at 2 over " +
    "the largest curvature; adaptive ones rise slowly, because a step's length hardly " +
    "depends on the gradient's size.",
  fields: surfaceFields.map((field) =>
    field.key === "rate" ? { ...field, visible: undefined } : field,
  ),
  controls: ["surface", "condition", "rate", "steps", "shown"],
  pictures: [
    {
      name: "curves",
      height: 380,
      hint: "Click or drag for another rate; left and right arrow keys move it.",
      point: (x) => ({ rate: clampRate(x) }),
      move: (dx, _dy, large, { rate }) => ({
        rate: clampRate(rate * 10 ** (dx * (large ? 0.2 : 0.0125))),
      }),
    },
    {
      name: "map",
      height: 380,
      hint: "Click to start elsewhere; arrow keys move the start.",
      point: startAt,
      move: startMoved,
    },
  ],
  actions: [
    {
      name: "open",
      label: "This rate in panel 2",
      run(values, app) {
        app.go("loss_surface", { ...values, rates: "one" });
        return null;
      },
    },
  ],
  draw,
  tries: [
    {
      label: "Fair to Adam only",
      text: "At 0.3 Adam does well, and SGD and momentum have diverged.",
      set: { rate: 0.3 },
    },
    {
      label: "Fair to SGD only",
      text: "At 0.07 SGD is at its best, and Adam ends far above its own.",
      set: { rate: 0.07 },
    },
    {
      label: "A narrow valley",
      text: "Rosenbrock's valley: momentum needs a tenth of SGD's rate. All seven are shown.",
      set: { surface: "rosenbrock", steps: 300, shown: OPTIMIZERS, rate: 0.002 },
    },
  ],
  terms: [
    [
      "own rate",
      "of 31 rates, six to a decade, the one with the lowest final loss among those whose path stays in the picture",
    ],
    ["diverged", "a weight went beyond a million"],
  ],
};
