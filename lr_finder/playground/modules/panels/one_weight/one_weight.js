// Panel 1: one weight on a parabola.

import { chip, table } from "../../page/elements.js";
import { slider } from "../../page/fields.js";
import { counted, formatNumber, formatRate } from "../../plots/numbers.js";
import { regimeOf, shrinkFactor, stepsToShare } from "../../reference/quadratics.js";
import { drawFour, drawParabola, drawSteps, FOUR, weightsOf } from "./pictures.js";

const RATES = { min: 0.01, max: 10 };
const fields = [
  slider("rate", { label: "Learning rate η", ...RATES, log: true, initial: 0.3 }),
  slider("curvature", {
    label: "Curvature h of the loss",
    min: 0.2,
    max: 5,
    step: 0.1,
    initial: 1,
    hint: "How strongly the slope changes: the loss is h w² / 2.",
  }),
  slider("start", { label: "Start w₀", min: -3, max: 3, step: 0.1, initial: 2.5 }),
  slider("step", { label: "Step shown", min: 0, max: 20, initial: 0 }),
];

function tableOfRates(values) {
  const h = values.curvature;
  const row = (rate, name) => [
    name,
    formatRate(rate * h),
    counted(stepsToShare(rate, h), "step"),
    regimeOf(rate, h),
  ];
  const four = FOUR.map(({ share, ink }) => {
    const rate = share / h;
    return row(rate, chip(ink, formatRate(rate)));
  });
  const own = row(values.rate, chip("accent", `yours: ${formatRate(values.rate)}`));
  return table(
    "Steps until the weight is within 1 % of the start's distance",
    ["rate η", "η · h", "steps needed", "verdict"],
    [...four, own],
  );
}

function draw(values, canvases) {
  const { rate, curvature: h, step } = values;
  drawParabola(canvases.parabola, values);
  drawSteps(canvases.steps, values);
  drawFour(canvases.four, values);
  const w = weightsOf(values, 20)[step];
  const n = (value) => formatNumber(value, 3);
  const needed = stepsToShare(rate, h);
  const end = Number.isFinite(needed)
    ? `It needs ${counted(needed, "step")} to come within 1 % of the start's distance.`
    : "It never arrives.";
  const verdict =
    `Rate ${formatRate(rate)}, η · h = ${formatRate(rate * h)}: ${regimeOf(rate, h)}. ` +
    `Each step multiplies the weight by 1 − ηh = ${n(shrinkFactor(rate, h))}. ${end}`;
  const formula =
    `step ${step} → ${step + 1}:  w ← w − η · g = ${n(w)} − ${formatRate(rate)} · ` +
    `${n(h * w)} = ${n(w - rate * h * w)}   with the gradient g = h · w`;
  return { verdict, formula, tables: [tableOfRates(values)] };
}

const clampRate = (x) => Number(Math.min(Math.max(x, 0.01), 10).toPrecision(3));

export const oneWeight = {
  id: "one_weight",
  title: "One weight",
  question: "What does the learning rate do to a single weight?",
  insight:
    "Too low a rate creeps, the best one needs a single step here, a higher one jumps to " +
    "the other side, and above 2/h every step leads farther away. So even a convex loss, " +
    "with one minimum and no traps, may fail to converge: its curvature sets the limit.",
  fields,
  pictures: [
    { name: "parabola", height: 290 },
    {
      name: "steps",
      height: 290,
      hint: "Click or drag for another rate; left and right arrow keys move it.",
      point: (x) => ({ rate: clampRate(x) }),
      move: (dx, _dy, large, values) => ({
        rate: clampRate(values.rate * 10 ** (dx * (large ? 0.1 : 0.0075))),
      }),
    },
    { name: "four", height: 260, wide: true },
  ],
  actions: [
    {
      name: "next",
      label: "Next step",
      run: ({ step }) => ({ step: step < 20 ? step + 1 : 0 }),
    },
  ],
  draw,
  tries: [
    {
      label: "The limit",
      text: "At exactly 2/h the weight jumps to and fro for ever. Move the rate a notch.",
      set: { rate: 2 },
    },
    {
      label: "Steeper by four",
      text: "With curvature 4 the same rate swings: the best rate is now 1/4.",
      set: { rate: 0.4, curvature: 4 },
    },
    {
      label: "Far too low",
      text: "At 0.01 it is not wrong, only slow: count the steps that it needs.",
      set: { rate: 0.01 },
    },
  ],
  terms: [
    ["loss", "how wrong the model is; training makes it small"],
    ["weight", "a number in the model that training changes"],
    ["gradient g", "the slope of the loss at the weight: it points uphill"],
    ["learning rate η", "the factor between the gradient and the step downhill"],
    ["curvature h", "how fast the slope changes along the way"],
  ],
};
