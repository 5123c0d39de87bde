// What answers are worth in panel 9, and the score over ten cases.

import { chip, table } from "../../page/elements.js";
import { formatNumber, formatRate } from "../../plots/numbers.js";
import { regretAt } from "../../training/sweep.js";

const ROUND = 10; // cases of a score
const GOOD = 0.05; // regrets
const POOR = 0.5;

// {count, good, mean} of the first ten answers, for the person and for the two rules.
export function scoreOf(answers, cases) {
  const round = answers.slice(0, ROUND);
  const regrets = {
    you: round.map(([at, rate]) => regretAt(cases[at].truth, rate)),
    lr_finder: round.map(([at]) => cases[at].regret_lr),
    textbook: round.map(([at]) => cases[at].regret_textbook),
  };
  const mean = (all) => all.reduce((sum, each) => sum + each, 0) / all.length;
  const scored = (all) => ({
    good: all.filter((each) => each <= GOOD).length,
    mean: mean(all),
  });
  const scores = Object.entries(regrets).map(([who, all]) => [who, scored(all)]);
  return { count: round.length, ...Object.fromEntries(scores) };
}

export const judged = (regret) =>
  regret <= GOOD ? "good" : regret > POOR ? "catastrophic" : "loses something";

export function tableOfAnswers(asked, answers) {
  const names = {
    guess: chip("accent", "your guess"),
    lr_finder: chip("line3", "lr_finder"),
    textbook: chip("line4", "textbook rule: steepest step"),
    lowest: chip("muted", "lowest point of the curve"),
    best: chip("text", "best constant rate"),
  };
  const rows = Object.entries(answers).map(([name, { rate, regret }]) => [
    names[name],
    formatRate(rate),
    name === "lr_finder" ? `${formatRate(asked.low)} to ${formatRate(asked.high)}` : "",
    Number.isNaN(regret) ? "not known" : `${formatNumber(regret)}, ${judged(regret)}`,
  ]);
  return table("What each rate is worth", ["", "rate", "interval", "regret"], rows);
}

export function tableOfScore({ answers }, cases) {
  const { count, ...scores } = scoreOf(answers, cases);
  const names = { you: "you", lr_finder: "lr_finder", textbook: "textbook rule" };
  const rows = Object.entries(scores).map(([who, { good, mean }]) => [
    names[who],
    `${good} of ${count}`,
    formatNumber(mean),
  ]);
  const state = count < ROUND ? `after ${count} of ${ROUND} cases` : "of ten cases";
  const caption = `Score ${state}. The cases were chosen to teach: they are no fair sample`;
  return table(caption, ["", "good (regret ≤ 0.05)", "mean regret"], rows);
}
