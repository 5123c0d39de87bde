// Panel 7: the same noisy descent under many schedules.

import { chip, table } from "../../page/elements.js";
import { choice, numbers, slider, toggle } from "../../page/fields.js";
import { counted, formatLoss, formatRate } from "../../plots/numbers.js";
import { constant } from "../../schedules/decays.js";
import { LOOKS, lastMean, train } from "../../training/noisy_descent.js";
import { KNOTS, SCHEDULE_NAMES, SCHEDULES } from "./choices.js";
import { drawLosses, drawRates } from "./pictures.js";
import { isBusy, ranked, trainOne, work } from "./ranking.js";

const isPlateau = ({ schedule }) => schedule === "plateau";
const titles = Object.fromEntries(
  SCHEDULE_NAMES.map((name) => [name, SCHEDULES[name].title]),
);

const fields = [
  choice("schedule", { label: "Schedule", values: titles, initial: "cosine" }),
  slider("peak", {
    label: "Peak rate",
    min: 0.005,
    max: 2.2,
    log: true,
    initial: 0.6,
    hint: "Above 2 the steepest direction diverges.",
  }),
  slider("noise", {
    label: "Noise of the gradient",
    min: 0.01,
    max: 1,
    log: true,
    zero: true,
    initial: 0.1,
  }),
  slider("steps", { label: "Steps", min: 60, max: 1000, step: 20, initial: 300 }),
  slider("patience", {
    label: "Patience, in looks",
    min: 1,
    max: 10,
    initial: 2,
    visible: isPlateau,
  }),
  slider("factor", {
    label: "Factor",
    min: 0.1,
    max: 0.9,
    step: 0.1,
    initial: 0.3,
    visible: isPlateau,
  }),
  slider("seed", { label: "Draw of the noise", min: 1, max: 20, initial: 1 }),
  toggle("fair", { label: "In the table, each at its own best peak", initial: true }),
  numbers("own", {
    initial: [0.2, 0.6, 1, 1, 1, 1, 0.7, 0.3, 0],
    ranges: Array(KNOTS).fill([0, 1]),
  }),
  slider("knot", {
    label: "Point of your own line",
    min: 1,
    max: KNOTS,
    initial: 5,
    hint: "The point that the up and down arrow keys move.",
    visible: ({ schedule }) => schedule === "own",
  }),
];

function tableOfSchedules(rows, values) {
  const flat = rows.find(({ name }) => name === "constant");
  const shown = rows.map(({ name, peak, loss }) => [
    chip(name === values.schedule ? "smooth" : "grid", SCHEDULES[name].title),
    formatRate(peak),
    formatLoss(loss),
    name === "constant"
      ? "1"
      : Number.isFinite(loss)
        ? formatRate(loss / flat.loss)
        : "–",
  ]);
  const which = values.fair ? "each at the best of 14 peaks" : "all at your peak";
  return table(
    `Loss to expect over the last tenth of the training, ${which}`,
    ["schedule", "peak", "loss", "times that of constant"],
    shown,
  );
}

function toldOfPlateau(run, values) {
  if (values.schedule !== "plateau") return "";
  const { steps } = values;
  if (run.drops.length === 0) return " The rule has not lowered the rate at all.";
  const early = run.drops.filter((at) => at < steps / 3).length;
  const looks = `It lowered the rate ${counted(run.drops.length, "time")} in ${LOOKS} looks`;
  return ` ${looks}, ${early} of them in the first third${early > 1 ? ": noise fooled it" : ""}.`;
}

function draw(values, canvases) {
  const { schedule, peak, seed, steps, noise } = values;
  const run = trainOne(schedule, peak, values, seed);
  const flat = train(constant(peak), steps, noise, { seed });
  drawRates(canvases.rates, values, run);
  drawLosses(canvases.losses, values, run, flat);
  const rows = ranked(values);
  const place = rows.findIndex(({ name }) => name === schedule) + 1;
  const told = isBusy(values)
    ? "The table is being worked out."
    : `In the table it is number ${place} of ${rows.length}.`;
  const last = [run, flat].map(({ losses }) => formatLoss(lastMean(losses)));
  const verdict =
    `Here ${SCHEDULES[schedule].title} ends at ${last[0]}, a constant rate at ${last[1]} ` +
    `(mean of the last tenth). ${told}` +
    toldOfPlateau(run, values);
  const formula =
    `${SCHEDULES[schedule].formula}\npeak = ${formatRate(peak)}, steps = ${steps}; ` +
    `at the middle η = ${formatRate(run.rates[Math.round(steps / 2)])}, at the end ` +
    `η = ${formatRate(run.rates[steps])}`;
  return { verdict, formula, tables: [tableOfSchedules(rows, values)] };
}

// A point of the line that a person draws: the nearest of nine.
function drawAt(x, y, { steps, peak, own }) {
  const k = Math.min(Math.max(Math.round((x / steps) * (KNOTS - 1)), 0), KNOTS - 1);
  return { ...withKnot(own, k, y / peak), knot: k + 1 };
}

function withKnot(own, k, share) {
  const kept = Math.min(Math.max(Number(share.toFixed(3)), 0), 1);
  return { own: own.map((each, j) => (j === k ? kept : each)), schedule: "own" };
}

function moveKnot(dx, dy, large, { own, knot }) {
  if (dx) return { knot: Math.min(Math.max(knot + dx, 1), KNOTS), schedule: "own" };
  return withKnot(own, knot - 1, own[knot - 1] + dy * (large ? 0.2 : 0.05));
}

export const schedules = {
  id: "schedules",
  title: "Schedules",
  question: "When should the rate fall, and how?",
  insight:
    "A high rate goes far, but shakes: its loss stays on a floor that the noise makes. A " +
    "low rate rests deeper, but is slow. A schedule has both, one after the other. If each " +
    "has its own best peak, all that end low are close together: the fall at the end is " +
    "most of the gain.",
  fields,
  pictures: [
    {
      name: "rates",
      height: 300,
      hint: "Draw your own: drag in the picture, or choose a point with left and right, move it with up and down.",
      point: drawAt,
      move: moveKnot,
    },
    { name: "losses", height: 300 },
  ],
  isBusy,
  work,
  draw,
  tries: [
    {
      label: "No noise",
      text: "Without noise a constant rate is the best: there is no floor, so nothing to lower the rate for.",
      set: { noise: 0, schedule: "cosine", peak: 1.6 },
    },
    {
      label: "Noise fools the plateau rule",
      text: "Patience 1 and much noise: a look that is worse by chance lowers the rate far too early. Raise the patience.",
      set: { schedule: "plateau", noise: 0.5, patience: 1, peak: 0.4 },
    },
    {
      label: "One peak for all",
      text: "Untick the box: at one peak cosine, one-cycle and warmup-stable-decay share the fall at the end. Which end low, and which do not?",
      set: { fair: false, schedule: "one_cycle", peak: 0.6 },
    },
    {
      label: "Draw your own",
      text: "Can you beat cosine? The best lines stay high for long, and fall to 0 at the end.",
      set: { schedule: "own" },
    },
    {
      label: "A longer training",
      text: "With 1,000 steps the gain of a schedule over a constant rate grows.",
      set: { steps: 1000 },
    },
  ],
  terms: [
    ["schedule", "a rule that gives a rate for each step"],
    ["peak", "the highest rate of a schedule"],
    ["warm-up", "a rise from 0 at the beginning"],
    ["noise", "each gradient is measured on few samples, so it is off by chance"],
    [
      "look",
      "here the training looks at its mean loss 30 times: what an epoch is elsewhere",
    ],
    ["patience", "how many looks without improvement ReduceLROnPlateau waits"],
  ],
};
