// What the panels on a loss surface share: settings, own rates and paths.

import { choice, numbers, several, slider } from "../../page/fields.js";
import { remember } from "../../page/remember.js";
import { formatRate } from "../../plots/numbers.js";
import { OPTIMIZERS, TITLES } from "../../reference/optimizers.js";
import { getSurface, SURFACES } from "../../reference/surfaces.js";
import { bestRate, descend, sweepRates } from "../../training/descent.js";

const WIDE = [-10, 10];
const titles = Object.fromEntries(
  SURFACES.map((name) => [name, getSurface(name).title]),
);

export const surfaceFields = [
  choice("surface", { label: "Loss surface", values: titles, initial: "quadratic" }),
  slider("condition", {
    label: "Condition κ",
    min: 1,
    max: 100,
    log: true,
    initial: 20,
    hint: "How many times as steep the bowl is along y as along x.",
    visible: ({ surface }) => surface === "quadratic",
  }),
  choice("rates", {
    label: "Learning rates",
    values: { own: "each optimizer its own", one: "one rate for all" },
    initial: "own",
  }),
  slider("times", {
    label: "Times its own rate",
    min: 0.03,
    max: 30,
    log: true,
    initial: 1,
    visible: ({ rates }) => rates === "own",
  }),
  slider("rate", {
    label: "Learning rate η",
    min: 1e-4,
    max: 10,
    log: true,
    initial: 0.05,
    visible: ({ rates }) => rates === "one",
  }),
  slider("steps", {
    label: "Steps of the training",
    min: 10,
    max: 300,
    step: 10,
    initial: 100,
  }),
  slider("at", {
    label: "Drawn up to",
    min: 1,
    max: 300,
    initial: 300,
    show: (at) => (at >= 300 ? "the end" : `step ${at}`),
  }),
  several("shown", {
    label: "Optimizers",
    values: TITLES,
    initial: ["sgd", "momentum", "rmsprop", "adam"],
  }),
  numbers("from", { initial: null, ranges: [WIDE, WIDE] }),
];
// Until a person picks one, the start is the surface's own.
const from = surfaceFields.find((field) => field.key === "from");
const { write } = from;
from.write = (value) => (value === null ? "" : write(value));

export function startOf(values) {
  return values.from ?? getSurface(values.surface).start;
}

export function surfaceOf({ surface, condition }) {
  return getSurface(surface, condition);
}

const rememberCurve = Object.fromEntries(
  OPTIMIZERS.map((name) => [
    name,
    remember((surface, start, steps) => sweepRates(surface, name, start, steps)),
  ]),
);

// {rates, losses, stay} of each optimizer shown: what each rate ends at.
export function curvesOf(values) {
  const { surface, condition, steps } = values;
  const start = startOf(values);
  const key = [surface, condition, steps, ...start].join();
  const made = surfaceOf(values);
  return Object.fromEntries(
    values.shown.map((name) => [name, rememberCurve[name](key, made, start, steps)]),
  );
}

// The rate of the lowest final loss for each optimizer shown.
export function ownRates(values) {
  const curves = Object.entries(curvesOf(values));
  return Object.fromEntries(curves.map(([name, curve]) => [name, bestRate(curve)]));
}

// The rate that each optimizer shown has now.
export function ratesOf(values) {
  if (values.rates === "one") {
    return Object.fromEntries(values.shown.map((name) => [name, values.rate]));
  }
  const own = Object.entries(ownRates(values));
  return Object.fromEntries(own.map(([name, rate]) => [name, rate * values.times]));
}

// The path of each optimizer shown.
export function pathsOf(values, rates) {
  const surface = surfaceOf(values);
  return values.shown.map((name) => ({
    name,
    rate: rates[name],
    title: `${TITLES[name]}, ${formatRate(rates[name])}`,
    ...descend(surface, name, startOf(values), rates[name], values.steps),
  }));
}
