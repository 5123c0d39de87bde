// Panel 10: the hyperparameters at a glance.

import { element } from "../page/elements.js";

// name, what to tune first, typical range, depends on, panel, page of the documentation
const ROWS = [
  [
    "scale of the inputs",
    "before all others",
    "mean 0, spread 1",
    "unscaled columns shrink the range of rates that work",
    "adaptive",
    "guide/data",
  ],
  [
    "learning rate",
    "1, always",
    "SGD 0.01 to 1, momentum 1e-3 to 0.1, Adam 1e-4 to 1e-2",
    "optimizer, batch size, depth, scale of the inputs, schedule",
    "one_weight",
    "guide/reading_a_sweep",
  ],
  [
    "schedule",
    "2: nearly free",
    "warm-up 0 to 10 %, then constant, then to 0 over the last 20 to 30 %",
    "length of the training; the best peak is above the best constant rate",
    "schedules",
    "guide/schedules",
  ],
  [
    "batch size",
    "3: by memory and speed",
    "16 to 512",
    "set it by what runs fast, then find the rate again",
    "batch_size",
    "reference/glossary",
  ],
  [
    "optimizer",
    "4: Adam or AdamW is a safe start",
    "Adam, AdamW; SGD with momentum for images",
    "compare only with a rate for each",
    "own_rate",
    "guide/compare",
  ],
  [
    "weight decay",
    "5",
    "0, 1e-4 to 0.1 (AdamW)",
    "learning rate: a step decays by rate × decay",
    "small_network",
    "guide/train",
  ],
  [
    "early stopping",
    "with every training",
    "patience of 5 to 20 % of the epochs",
    "noise of the validation loss",
    "small_network",
    "guide/train",
  ],
  [
    "momentum β",
    "6: seldom",
    "0.9; 0.95 to 0.99 for very noisy gradients",
    "learning rate: effective rate is rate / (1 − β)",
    "momentum",
    "guide/how_it_works",
  ],
  [
    "β₂ and ε of Adam",
    "7: seldom",
    "β₂ 0.95 to 0.999, ε 1e-8 to 1e-3",
    "noise, and the size of the gradients",
    "adaptive",
    "guide/how_it_works",
  ],
  [
    "size of the network",
    "its own question",
    "as large as data and time allow",
    "a larger one wants a lower rate",
    "small_network",
    "guide/compare",
  ],
];
const HEAD = [
  "hyperparameter",
  "when to tune it",
  "typical range",
  "what it depends on",
  "see",
];
const NOTEBOOKS = [
  ["01 Find a learning rate", "course/01_find_a_learning_rate"],
  ["02 How good is a suggestion?", "course/02_how_good_is_a_suggestion"],
  ["04 Optimizers on CIFAR-10", "course/04_optimizers_on_cifar10"],
  ["05 What does each optimizer do to the rate?", "course/05_optimizers"],
  ["06 When does a schedule beat a constant rate?", "course/06_schedules"],
  ["07 Why does a training not converge?", "course/07_convergence"],
  ["08 How should a tuning budget be spent?", "course/08_tuning"],
  ["09 Does a good fit last?", "course/09_lasting_fit"],
];

// A page of the documentation: a link inside it, its name elsewhere.
function pageOf(docs, path, text = `docs/${path}`) {
  if (docs === null) return element("span", {}, text);
  return element("a", { href: `${docs}/${path}.html` }, text);
}

function bigTable(docs) {
  const head = element(
    "tr",
    {},
    ...HEAD.map((text) => element("th", { scope: "col" }, text)),
  );
  const rows = ROWS.map(([name, when, range, depends, panel, page]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("b", {}, name)),
      ...[when, range, depends].map((text, k) =>
        element("td", { "data-label": HEAD[k + 1] }, text),
      ),
      element(
        "td",
        { "data-label": HEAD[4] },
        element("a", { href: `#${panel}` }, "panel"),
        " · ",
        pageOf(docs, page, page.split("/")[1].replaceAll("_", " ")),
      ),
    ),
  );
  const parts = [element("thead", {}, head), element("tbody", {}, ...rows)];
  return element(
    "div",
    { class: "scroll" },
    element("table", { class: "stack" }, ...parts),
  );
}

function notebooks(docs) {
  const items = NOTEBOOKS.map(([title, path]) =>
    element("li", {}, pageOf(docs, path, title)),
  );
  return element(
    "div",
    {},
    element("h3", {}, "The course in notebooks"),
    element("ul", {}, ...items),
  );
}

export function makeGlance(data) {
  return {
    id: "glance",
    title: "The hyperparameters at a glance",
    short: "At a glance",
    question: "What should be tuned first?",
    insight:
      "The learning rate comes first and comes again whenever something else changes: " +
      "batch size, optimizer, decay and depth all move it. The ranges are where to begin, not laws: measure.",
    fields: [],
    pictures: [],
    draw: () => ({
      verdict: "",
      formula: "",
      tables: [bigTable(data.docs), notebooks(data.docs)],
    }),
    tries: [],
    terms: [
      [
        "hyperparameter",
        "a number that you choose before the training, unlike a weight",
      ],
    ],
  };
}
