// What can be set in panel 9.

import { choice, hidden, slider, toggle } from "../../page/fields.js";
import { networkFields } from "../network/fields.js";

// Settings of the network that a live sweep depends on.
export const OF_LIVE = [
  "data",
  "noise",
  "layers",
  "units",
  "activation",
  "optimizer",
  "batch",
  "seed",
];

// Guesses given so far, as case:rate, in their order.
const answersField = (count) =>
  hidden("answers", {
    initial: [],
    read(text) {
      const pairs = text.split(",").map((each) => each.split(":").map(Number));
      const isPair = ([at, rate]) =>
        Number.isInteger(at) && at >= 0 && at < count && rate > 0;
      return pairs.every(isPair) ? pairs : undefined;
    },
    write: (pairs) => pairs.map(([at, rate]) => `${at}:${rate}`).join(","),
  });

// The answer given to the recorded case that is shown, [case, rate], if there is one.
export const answerTo = (values) =>
  values.answers.find(([at]) => `${at}` === values.case);

export function makeFields(data) {
  const isLive = ({ source }) => source === "live";
  const sources = {
    recorded: "recorded, of the benchmark",
    live: "live: the small network",
  };
  if (data.own.length) sources.own = "your own";
  const titled = ({ optimizer, what }, k) => [k, `${k + 1}: ${optimizer}, ${what}`];
  const named = ({ name }, k) => [k, name];
  return [
    choice("source", {
      label: "Sweep",
      values: sources,
      initial: data.own.length ? "own" : "recorded",
    }),
    choice("case", {
      label: "Case",
      values: Object.fromEntries(data.cases.map(titled)),
      initial: "0",
      visible: ({ source }) => source === "recorded",
    }),
    choice("mine", {
      label: "File",
      values: Object.fromEntries(data.own.map(named)),
      initial: "0",
      visible: ({ source }) => source === "own",
    }),
    slider("guess", {
      label: "Your guess",
      visible: (values) => values.source !== "recorded" || !answerTo(values),
      min: 1e-7,
      max: 10,
      log: true,
      initial: 1e-5,
    }),
    toggle("shown", {
      label: "Show the answer",
      initial: false,
      visible: ({ source }) => source !== "recorded",
    }),
    ...networkFields.map((field) => ({ ...field, visible: isLive })),
    answersField(data.cases.length),
  ];
}
