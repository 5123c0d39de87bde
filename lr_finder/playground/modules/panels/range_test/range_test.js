// Panel 9: guess a rate on a recorded sweep, then see what is true.

import { formatNumber, formatRate } from "../../plots/numbers.js";
import { answersOf, caseOf, isBusy, LIVE_RATES, work } from "./cases.js";
import { answerTo, makeFields, OF_LIVE } from "./fields.js";
import { drawSweep, drawTruth } from "./pictures.js";
import { judged, tableOfAnswers, tableOfScore } from "./score.js";

const clampGuess = (x) => Number(Math.min(Math.max(x, 1e-7), 10).toPrecision(3));

const isRevealed = (values) =>
  values.source === "recorded" ? answerTo(values) !== undefined : values.shown;
const guessOf = (values) =>
  values.source === "recorded" && isRevealed(values)
    ? answerTo(values)[1]
    : values.guess;

function verdictOf(values, asked, answers) {
  const head = asked.optimizer
    ? `${asked.optimizer}, ${asked.what ?? asked.name}`
    : (asked.what ?? asked.name);
  if (!isRevealed(values)) {
    return `${head}. At which constant rate would you train? Click in the picture, then reveal.`;
  }
  if (values.source === "live" && !asked.truth) {
    return `Trains the network at ${LIVE_RATES} rates to know the truth: ${asked.known} done.`;
  }
  const { guess } = answers;
  const worth = asked.truth
    ? `Your guess ${formatRate(guess.rate)} has a regret of ${formatNumber(guess.regret)}: ${judged(guess.regret)}.`
    : `${head}.`;
  const doubt = asked.kinds?.length ? ` Warnings: ${asked.kinds.join(", ")}.` : "";
  const said = asked.refusal ?? (asked.lr ? `lr_finder: ${asked.why}` : "");
  const lesson = asked.lesson ? ` ${asked.lesson}` : "";
  const live =
    values.source === "live" ? "lr_finder itself reads sweeps in Python only." : "";
  return `${worth}${lesson}\n${said}${doubt}${live}`;
}

function formulaOf(asked, answers) {
  if (!answers?.guess || !asked.truth) {
    return "regret = (L(η) − L_best) / (L_nothing − L_best): 0 is the best rate, 1 is nothing learnt";
  }
  const { losses, base } = asked.truth;
  const [low, top] = [Math.min(...losses), base].map((loss) => formatRate(loss, 3));
  const { rate, regret } = answers.guess;
  return (
    `regret of ${formatRate(rate)} = (L(η) − L_best) / (L_nothing − L_best) = ` +
    `${formatNumber(regret)}, with L_best = ${low} and L_nothing = ${top}`
  );
}

function draw(values, canvases, app) {
  const asked = caseOf(values, app.data);
  const guess = guessOf(values);
  const answers = isRevealed(values) ? answersOf(asked, guess) : null;
  const title = `${asked.optimizer || asked.name}: where would you train?`;
  drawSweep(
    canvases.sweep,
    asked,
    guess,
    answers,
    answers ? "The sweep, and what it says" : title,
  );
  if (answers && asked.truth) drawTruth(canvases.truth, asked, guess, answers);
  else canvases.truth.parentElement.hidden = true;
  const tables = answers ? [tableOfAnswers(asked, answers)] : [];
  if (values.source === "recorded" && values.answers.length) {
    tables.push(tableOfScore(values, app.data.cases));
  }
  const verdict = verdictOf(values, asked, answers);
  return { verdict, formula: formulaOf(asked, answers), tables };
}

function setGuess(x, values) {
  return values.source === "recorded" && isRevealed(values)
    ? null
    : { guess: clampGuess(x) };
}

const isOpen = (values) => values.source === "recorded" && !isRevealed(values);

export function makeRangeTest(data) {
  const reveal = (values) => ({
    answers: [...values.answers, [Number(values.case), values.guess]],
  });
  const next = (values) => ({
    case: `${(Number(values.case) + 1) % data.cases.length}`,
    guess: 1e-5,
  });
  return {
    id: "range_test",
    title: "Read a range test",
    question: "Which rate does this sweep suggest?",
    insight:
      "A range test trains a few hundred steps while the rate rises. It shows from which rate " +
      "on something is learnt, and from which on it breaks; the best rate of a whole training " +
      "lies between. Its lowest point is mostly too high: there the loss is about to climb, and a " +
      "training is longer than a sweep.",
    fields: makeFields(data),
    controls: ["source", "case", "mine", "guess", "shown", ...OF_LIVE],
    pictures: [
      {
        name: "sweep",
        height: 330,
        wide: true,
        hint: "Click or drag to guess; left and right arrow keys move the guess.",
        point: (x, _y, values) => setGuess(x, values),
        move: (dx, _dy, large, values) =>
          setGuess(values.guess * 10 ** (dx * (large ? 0.25 : 0.02)), values),
      },
      { name: "truth", height: 280, wide: true, visible: isRevealed },
    ],
    actions: [
      { name: "reveal", label: "Reveal", run: reveal, visible: isOpen },
      {
        name: "next",
        label: "Next case",
        run: next,
        visible: ({ source }) => source === "recorded",
      },
    ],
    isBusy,
    work,
    draw,
    tries: [
      {
        label: "A usual curve",
        text: "Flat, falling, climbing. Guess, reveal, and find the window and the interval.",
        set: { source: "recorded", guess: 1e-2 },
      },
      {
        label: "Where lr_finder fails",
        text: "House prices with SGD: the rate looks safe, and is not. Only short trainings (a verification) would show it.",
        set: { source: "recorded", case: "5", answers: [[5, 0.01]] },
      },
      {
        label: "The lowest point",
        text: "Small photographs: the lowest point of the curve costs 0.42 of what can be learnt.",
        set: { source: "recorded", case: "10", answers: [[10, 0.022]] },
      },
      {
        label: "A live sweep",
        text: "Sweeps the small network here and now; show the answer, and it trains at 13 rates to find the truth.",
        set: { source: "live", guess: 1e-2 },
      },
    ],
    terms: [
      ["sweep, range test", "a short training whose rate rises with every batch"],
      [
        "regret",
        "the share of what can be learnt that a rate loses: 0 is best, 1 is all",
      ],
      ["window", "the rates that the sweep leaves open"],
      ["interval", "where lr_finder expects the best rate to be"],
      [
        "textbook rule",
        "the steepest step of the smoothed losses, as most code has it",
      ],
    ],
  };
}
