// What is asked in panel 9: a recorded sweep of the benchmark, a person's own, or a live
// one of the small network; and what is true of it.

import { remember } from "../../page/remember.js";
import { createTraining, epochsOf, trainEpoch } from "../../training/fitting.js";
import { regretAt, sweepNetwork, truthAt } from "../../training/sweep.js";
import { settingsOf } from "../network/fields.js";

const SLICE = 7; // milliseconds of training between two pictures
const LIVE = {
  epochs: 60,
  rates: Array.from({ length: 13 }, (_, k) => 10 ** (-4 + k * 0.4)),
};
const HALF = 4; // points to each side that a smoothed loss is the mean of

export function lrsOf({ lrs, swept, losses }) {
  if (lrs) return lrs;
  const [first, last, steps] = swept;
  return losses.map((_, i) => first * (last / first) ** (i / (steps - 1)));
}

// Means over nine points, of log-losses if all are positive; at the ends, where there
// are fewer points, nothing.
export function smoothed(losses) {
  const isLog = losses.every((loss) => loss > 0);
  const values = isLog ? losses.map(Math.log) : losses;
  return values.map((_, i) => {
    if (i < HALF || i >= values.length - HALF) return Number.NaN;
    let sum = 0;
    for (let k = i - HALF; k <= i + HALF; k++) sum += values[k];
    const mean = sum / (2 * HALF + 1);
    return isLog ? Math.exp(mean) : mean;
  });
}

// The rate of the lowest point of the smoothed curve.
export function lowestOf(lrs, losses) {
  const curve = smoothed(losses);
  let best = -1;
  curve.forEach((loss, i) => {
    if (loss < (best < 0 ? Number.POSITIVE_INFINITY : curve[best])) best = i;
  });
  return best < 0 ? null : lrs[best];
}

const sweepOnce = remember((settings) => sweepNetwork(settings));
let live = null; // the truth of the live network, as far as it is known

function liveTruth(key) {
  if (live === null || live.key !== key) {
    live = { key, losses: [], training: null };
  }
  return live;
}

const keyOf = (values) => {
  const { rate: _r, ...rest } = settingsOf(values);
  return JSON.stringify(rest);
};

export function isBusy(values) {
  if (values.source !== "live" || !values.shown) return false;
  return liveTruth(keyOf(values)).losses.length < LIVE.rates.length;
}

// Trains the network at one rate after the other.
export function work(values) {
  const until = performance.now() + SLICE;
  while (isBusy(values) && performance.now() < until) {
    const rate = LIVE.rates[live.losses.length];
    live.training = live.training ?? createTraining({ ...settingsOf(values), rate });
    const { training } = live;
    trainEpoch(training);
    if (!training.hasDiverged && epochsOf(training) < LIVE.epochs) continue;
    live.losses.push(truthAt(training));
    live.training = null;
  }
}

// {name, optimizer, what, lrs, losses, truth?, lr?, …} of what is chosen.
export function caseOf(values, data) {
  if (values.source === "live") {
    const settings = settingsOf(values);
    const swept = sweepOnce(keyOf(values), settings);
    const { losses } = liveTruth(keyOf(values));
    const isKnown = losses.length === LIVE.rates.length;
    const truth = isKnown ? { rates: LIVE.rates, losses, base: Math.log(2) } : null;
    return {
      name: "live",
      what: "the small network of panel 8",
      ...swept,
      truth,
      known: losses.length,
    };
  }
  const kept = values.source === "own" ? data.own : data.cases;
  const found = kept[values.source === "own" ? values.mine : values.case];
  return { ...found, lrs: lrsOf(found) };
}

export const LIVE_RATES = LIVE.rates.length;

// {guess, lr_finder, textbook, lowest, best}: rate and regret of each that there is.
export function answersOf(asked, guess) {
  const { truth } = asked;
  const rates = {
    guess,
    lr_finder: asked.lr ?? null,
    textbook: asked.textbook ?? null,
    lowest: lowestOf(asked.lrs, asked.losses),
    best: truth ? truth.rates[truth.losses.indexOf(Math.min(...truth.losses))] : null,
  };
  return Object.fromEntries(
    Object.entries(rates)
      .filter(([, rate]) => rate !== null)
      .map(([name, rate]) => [
        name,
        { rate, regret: truth ? regretAt(truth, rate) : Number.NaN },
      ]),
  );
}
