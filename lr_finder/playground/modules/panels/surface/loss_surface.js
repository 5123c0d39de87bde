// Panel 2: the paths of the optimizers on a loss of two weights.

import { chip, table } from "../../page/elements.js";
import { formatLoss, formatNumber, formatRate } from "../../plots/numbers.js";
import { DASHES } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { TITLES } from "../../reference/optimizers.js";
import { pathsOf, ratesOf, surfaceFields, surfaceOf } from "./fields.js";
import { drawMap, startAt, startMoved } from "./map.js";

const FLOOR = 1e-8; // of the loss that is drawn

function drawLosses(canvas, values, paths) {
  const { lowest } = surfaceOf(values);
  const above = paths.map((path) =>
    path.loss.map((loss) => Math.max(loss - lowest, FLOOR)),
  );
  const first = above.length ? above[0][0] : 1;
  const plot = new Plot(canvas, {
    title: "How far each is above the minimum",
    x: { from: 0, to: values.steps, label: "step" },
    y: {
      from: FLOOR,
      to: Math.max(first * 30, 1),
      log: true,
      label: "loss above it (log)",
    },
  });
  const steps = Array.from({ length: values.steps + 1 }, (_, k) => k);
  paths.forEach(({ name, made }, k) => {
    const count = Math.min(values.at, made) + 1;
    const look = { ink: name, dash: DASHES[name], count };
    plot.line(steps, above[k], look);
    plot.dots([count - 1], [above[k][count - 1]], { ink: name, size: 4 });
  });
}

function lossNow(path, at) {
  return path.hasDiverged && at >= path.made
    ? Number.NaN
    : path.loss[Math.min(at, path.made)];
}

function pathLength({ x, y, made }, at) {
  let sum = 0;
  for (let k = 1; k <= Math.min(at, made); k++) {
    sum += Math.hypot(x[k] - x[k - 1], y[k] - y[k - 1]);
  }
  return sum;
}

function tableOfPaths(paths, at) {
  const rows = paths.map((path) => {
    const loss = lossNow(path, at);
    const last = Math.min(at, path.made);
    return [
      chip(path.name, TITLES[path.name]),
      formatRate(path.rate),
      formatLoss(loss),
      Number.isNaN(loss)
        ? "–"
        : `(${formatNumber(path.x[last])}, ${formatNumber(path.y[last])})`,
      Number.isNaN(loss) ? "–" : formatNumber(pathLength(path, at), 1),
    ];
  });
  return table(
    "Where they are",
    ["optimizer", "rate η", "loss", "(x, y)", "way made"],
    rows,
  );
}

function formulaOf(values, rates) {
  const { surface, condition } = values;
  const formulas = {
    quadratic: `f = (x² + ${formatRate(condition)} y²) / 2: SGD is stable below 2/κ = ${formatRate(2 / condition)}`,
    rosenbrock: "f = (1 − x)² + 100 (y − x²)²",
    himmelblau: "f = (x² + y − 11)² + (x + y² − 7)²",
    saddle: "f = x²/2 − y²/2 + y⁴/4",
    cliff: "f = (1 + tanh 10x)/2 + 0.01 ((x + 2)² + y²)",
  };
  const own = values.shown.map((name) => `${TITLES[name]} ${formatRate(rates[name])}`);
  return `${formulas[surface]}\nrates now: ${own.join(", ") || "none"}`;
}

function draw(values, canvases) {
  const rates = ratesOf(values);
  const paths = pathsOf(values, rates);
  const at = Math.min(values.at, values.steps);
  const ranked = paths
    .map((path) => ({ path, loss: lossNow(path, at) }))
    .filter(({ loss }) => !Number.isNaN(loss))
    .sort((a, b) => a.loss - b.loss);
  const diverged = paths.length - ranked.length;
  const best = ranked[0];
  const title = best
    ? `After ${at} steps ${TITLES[best.path.name]} is lowest: ${formatLoss(best.loss)}`
    : "Nothing to draw: choose an optimizer or a lower rate";
  drawMap(canvases.map, values, paths, title);
  drawLosses(canvases.losses, values, paths);
  const lost = diverged ? ` ${diverged} diverged: a lower rate would hold.` : "";
  const verdict = `${title}.${lost}`;
  return {
    verdict,
    formula: formulaOf(values, rates),
    tables: paths.length ? [tableOfPaths(paths, at)] : [],
  };
}

export const lossSurface = {
  id: "loss_surface",
  group: "surface",
  title: "The loss surface",
  question: "Which way does each optimizer take?",
  insight:
    "Plain SGD bounces between the steep sides while it creeps along the floor; momentum " +
    "carries on and overshoots; adaptive methods (Adagrad, RMSprop, Adam, AdamW) divide by " +
    "the size of past gradients, so that both directions move at a like pace. Each needs a " +
    "rate of its own: by default it has the best of 31 whose path stays in the picture.",
  fields: surfaceFields,
  pictures: [
    {
      name: "map",
      height: 400,
      hint: "Click to start elsewhere; arrow keys move the start, with Shift farther.",
      point: startAt,
      move: startMoved,
    },
    { name: "losses", height: 400 },
  ],
  actions: [
    {
      name: "play",
      label: (_values, app) => (app.isPlaying ? "Pause" : "Play"),
      run(values, app) {
        app.play();
        return app.isPlaying && values.at >= values.steps ? { at: 1 } : {};
      },
    },
    {
      name: "next",
      label: "Next step",
      run: ({ at, steps }) => ({ at: at >= steps ? 1 : at + 1 }),
    },
    { name: "end", label: "To the end", run: () => ({ at: 300 }) },
  ],
  advance: ({ at, steps }) => (at < steps ? { at: at + 1 } : null),
  draw,
  tries: [
    {
      label: "One rate for all",
      text: "At 0.02 for all, momentum is far ahead and Adam is last: comparing optimizers at one rate says nothing.",
      set: { rates: "one", rate: 0.02 },
    },
    {
      label: "The saddle",
      text: "Near the saddle the slope is almost zero: see who leaves it first. Drag the start away from y = 0.",
      set: { surface: "saddle", steps: 40, shown: ["sgd", "momentum", "adam"] },
    },
    {
      label: "Four valleys",
      text: "The start decides which minimum is found. Click around: near a border the optimizer decides too.",
      set: { surface: "himmelblau" },
    },
    {
      label: "The cliff",
      text: "Three times its own rate: the cliff is sixty times as steep as the plateau, so momentum is thrown far off; RMSprop's steps stay short.",
      set: {
        surface: "cliff",
        times: 3,
        shown: ["sgd", "momentum", "rmsprop", "adam"],
      },
    },
    {
      label: "Rosenbrock's valley",
      text: "The floor is curved and nearly flat. Give all seven 300 steps, and look at the second picture.",
      set: { surface: "rosenbrock", steps: 300, shown: Object.keys(TITLES) },
    },
  ],
  terms: [
    ["optimizer", "the rule that makes a step of a gradient"],
    ["SGD", "(stochastic) gradient descent: the step is −η times the gradient"],
    [
      "momentum",
      "keeps 0.9 of the last step and adds to it; Nesterov looks ahead first",
    ],
    ["adaptive", "divides each weight's step by the size of its past gradients"],
    ["condition κ", "the ratio of the largest curvature to the smallest"],
    ["saddle", "a point that is a minimum one way and a maximum the other"],
  ],
};
