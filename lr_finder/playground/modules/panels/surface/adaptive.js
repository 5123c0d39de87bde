// Panel 5: one axis is stretched: whose best rate moves?

import { chip, table } from "../../page/elements.js";
import { choice, slider } from "../../page/fields.js";
import { remember } from "../../page/remember.js";
import { contours, drawContours, sampleGrid } from "../../plots/maps.js";
import { markX, note } from "../../plots/marks.js";
import { formatLoss, formatNumber, formatRate } from "../../plots/numbers.js";
import { color, DASHES } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { TITLES } from "../../reference/optimizers.js";
import { quadratic } from "../../reference/surfaces.js";
import { bestRate, descend, RATES, sweepRates } from "../../training/descent.js";

const START = [-3.5, 1.5];
const WINDOW = [-4, 4, -2, 2];
const COMPARED = ["sgd", "adagrad", "rmsprop", "adam"];
const STEPS = 60;
const FLOOR = 1e-6;
const boxed = { adagrad: "Adagrad", rmsprop: "RMSprop", adam: "Adam" };

const fields = [
  slider("stretch", {
    label: "Stretch of the axis y",
    min: 1,
    max: 300,
    log: true,
    initial: 10,
    hint: "How many times as steep the loss is along y.",
  }),
  choice("boxes", { label: "Squares of", values: boxed, initial: "adagrad" }),
  slider("rate", {
    label: "Rate of that path",
    min: 0.01,
    max: 3,
    log: true,
    initial: 0.3,
  }),
  slider("step", { label: "Step", min: 0, max: STEPS, initial: 12 }),
];

const curvesOf = remember((stretch) =>
  Object.fromEntries(
    COMPARED.map((name) => [name, sweepRates(quadratic(stretch), name, START, STEPS)]),
  ),
);
const UNSTRETCHED = curvesOf("1", 1);

function drawCurves(canvas, curves) {
  const plot = new Plot(canvas, {
    title: "SGD's best rate moves with the stretch",
    x: { from: RATES[0], to: 10, log: true, label: "learning rate η (log scale)" },
    y: { from: FLOOR, to: 1e4, log: true, label: `loss after ${STEPS} steps (log)` },
  });
  for (const name of COMPARED) {
    const faded = UNSTRETCHED[name].losses.map((loss) => Math.max(loss, FLOOR));
    plot.line(RATES, faded, { ink: name, width: 1, alpha: 0.5, dash: [2, 2] });
    const losses = curves[name].losses.map((loss) =>
      Math.min(Math.max(loss, FLOOR), 1e5),
    );
    plot.line(RATES, losses, { ink: name, dash: DASHES[name], width: 2.5 });
  }
  for (const [row, name] of ["sgd", "adam"].entries()) {
    const best = bestRate(curves[name]);
    markX(plot, best, `${TITLES[name]} ${formatRate(best)}`, { ink: name, row });
  }
}

const linesOf = remember((stretch) => {
  const grid = sampleGrid(quadratic(stretch).value, WINDOW, 49, 49);
  const top = 8 + 2 * stretch;
  return contours(
    grid,
    Array.from({ length: 8 }, (_, k) => top * 0.5 ** k),
  );
});

// Boxes whose sides are the roots of the accumulated squares: what steps are divided by.
function drawBoxes(canvas, values, path) {
  const { stretch, boxes, step } = values;
  const plot = new Plot(canvas, {
    title: `${boxed[boxes]}: what each axis is divided by`,
    x: { from: WINDOW[0], to: WINDOW[1], label: "weight x" },
    y: { from: WINDOW[2], to: WINDOW[3], label: "weight y" },
  });
  drawContours(plot, linesOf(`${stretch}`, stretch));
  const last = Math.min(step, path.made);
  plot.line(path.x, path.y, { ink: boxes, width: 2, count: last + 1 });
  plot.dots(path.x, path.y, { ink: boxes, size: 2.5, count: last + 1 });
  const sides = path.squares.map((each) => each.map(Math.sqrt));
  const longest = Math.max(...sides.flat(), 1e-12);
  const most = 0.3 * (plot.box.bottom - plot.box.top);
  const [wide, high] = sides[last].map((side) => Math.max((most * side) / longest, 1));
  const [px, py] = [plot.x.at(path.x[last]), plot.y.at(path.y[last])];
  plot.inside((context) => {
    plot.pen({ ink: boxes, alpha: 0.25 });
    context.fillRect(px - wide / 2, py - high / 2, wide, high);
    plot.pen({ ink: boxes, width: 1.5 });
    context.strokeStyle = color(boxes);
    context.strokeRect(px - wide / 2, py - high / 2, wide, high);
  });
  note(plot, path.x[0], path.y[0], "start", { size: 11 });
  return sides[last];
}

function draw(values, canvases) {
  const { stretch, boxes, step, rate } = values;
  const curves = curvesOf(`${stretch}`, stretch);
  drawCurves(canvases.curves, curves);
  const path = descend(quadratic(stretch), boxes, START, rate, STEPS);
  const [side, other] = drawBoxes(canvases.boxes, values, path);
  const moved = (name) => bestRate(UNSTRETCHED[name]) / bestRate(curves[name]);
  const rows = COMPARED.map((name) => [
    chip(name, TITLES[name]),
    formatRate(bestRate(UNSTRETCHED[name])),
    formatRate(bestRate(curves[name])),
    formatLoss(Math.min(...curves[name].losses)),
  ]);
  const verdict =
    `Stretched ${formatNumber(stretch, 0)} times, SGD's best rate fell by a factor of ` +
    `${formatRate(moved("sgd"))}, Adam's by ${formatRate(moved("adam"))}.`;
  const last = Math.min(step, path.made);
  const [gx, gy] = [path.x[last], stretch * path.y[last]];
  const formula =
    `${boxed[boxes]}, step ${step}: gradient (${formatNumber(gx)}, ${formatNumber(gy)}), divided by ` +
    `√(its past squares) = (${formatNumber(side)}, ${formatNumber(other)})\n` +
    `steps go with η · (${formatNumber(gx / side)}, ${formatNumber(gy / other)}), η = ${formatRate(rate)}`;
  const head = ["optimizer", "best rate unstretched", "best rate now", "loss there"];
  return { verdict, formula, tables: [table("Best of 31 rates", head, rows)] };
}

export const adaptive = {
  id: "adaptive",
  title: "Adaptive methods",
  question: "What happens if one input is measured in millimetres?",
  insight:
    "Stretch one axis, as an input that is not scaled does, and SGD must lower its rate for " +
    "all weights, as the steepest axis alone decides. Adagrad, RMSprop and Adam divide each axis " +
    "by the size of its own past gradients, so their best rates hardly move. Scaled inputs " +
    "help all of them.",
  fields,
  pictures: [
    { name: "curves", height: 340 },
    {
      name: "boxes",
      height: 340,
      hint: "The box at the last point: its sides are what the steps along x and y are divided by.",
    },
  ],
  draw,
  tries: [
    {
      label: "No stretch",
      text: "A round bowl: SGD needs one step at rate 1, and nobody gains from dividing.",
      set: { stretch: 1 },
    },
    {
      label: "A hundred times",
      text: "SGD's best rate is a hundredth, and x creeps. Adam's stays within a step of the grid.",
      set: { stretch: 100 },
    },
    {
      label: "Adagrad stalls",
      text: "Adagrad's box only grows, so its steps shrink for ever. RMSprop's forgets: change the squares.",
      set: { stretch: 30, step: 60 },
    },
  ],
  terms: [
    ["adaptive", "each weight's step is divided by the size of its past gradients"],
    [
      "accumulated squares",
      "Adagrad sums squared gradients; RMSprop and Adam average them",
    ],
  ],
};
