// The two pictures of panel 9: the sweep, and what trainings at constant rates reached.

import { band, legend, markX, markY, note } from "../../plots/marks.js";
import { formatRate } from "../../plots/numbers.js";
import { Plot } from "../../plots/plot.js";
import { smoothed } from "./cases.js";

const TOP = 2.5; // times the first loss: what lies above is drawn at the edge

export function drawSweep(canvas, asked, guess, answers, title) {
  const { lrs, losses } = asked;
  const y = lossAxis(losses);
  const plot = new Plot(canvas, {
    title,
    x: {
      from: lrs[0],
      to: Math.max(lrs[lrs.length - 1], 10),
      log: true,
      label: "learning rate (log scale)",
    },
    y,
  });
  const isShown = answers !== null;
  if (isShown && asked.lr) {
    band(plot, asked.low, asked.high, { ink: "band", alpha: 0.55, share: [0.5, 1] });
    if (asked.window && asked.window[0] <= asked.window[1]) {
      band(plot, ...asked.window, { ink: "low", alpha: 0.7, share: [0, 0.5] });
    }
  }
  plot.dots(lrs, losses, { ink: "raw", size: 2.2, alpha: 0.9 });
  const above = lrs.filter((_, i) => losses[i] > y.to);
  if (above.length) {
    note(plot, above[0], y.to, `▲ ${above.length} higher`, {
      dy: 96,
      ink: "muted",
      size: 11,
    });
  }
  plot.line(lrs, smoothed(losses), { ink: "smooth", width: 2.5 });
  if (isShown) markAnswers(plot, answers, true);
  markX(plot, guess, `you: ${formatRate(guess)}`, { width: 2.5 });
  const entries = [
    { text: "each batch", ink: "raw", dot: true },
    { text: "smoothed", ink: "smooth" },
  ];
  if (isShown && asked.lr) {
    entries.push({ text: "window (top)", ink: "low", dot: true });
    entries.push({ text: "interval (bottom)", ink: "band", dot: true });
  }
  legend(plot, entries, { y: plot.box.bottom - plot.box.top - 38 });
}

// On a log scale if all losses are positive; far above the first one it ends.
function lossAxis(losses) {
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  if (low <= 0) {
    const room = 0.05 * (high - low) || 1;
    return { from: low - room, to: high + room, label: "loss of each batch" };
  }
  const to = Math.min(high, TOP * losses[0]) * 1.6;
  const from = Math.max(low * 0.7, to * 1e-7);
  return { from, to, log: true, label: "loss of each batch (log scale)" };
}

function markAnswers(plot, answers, isLabelled) {
  const looks = {
    lr_finder: { ink: "line3", dash: [], row: 1, text: "lr_finder" },
    textbook: { ink: "line4", dash: [5, 3], row: 2, text: "textbook" },
    lowest: { ink: "muted", dash: [1.5, 2], row: 3, text: "lowest" },
    best: { ink: "text", dash: [2, 2], row: 4, text: "best" },
  };
  for (const [name, { text, ...look }] of Object.entries(looks)) {
    if (!answers[name]) continue;
    const { rate } = answers[name];
    markX(plot, rate, isLabelled ? `${text} ${formatRate(rate)}` : "", look);
  }
}

export function drawTruth(canvas, asked, guess, answers) {
  const { rates, losses, base } = asked.truth;
  const low = Math.min(...losses);
  const from = Math.min(rates[0], guess, asked.lrs[0]);
  const best = rates[losses.indexOf(low)];
  const plot = new Plot(canvas, {
    title: `Whole trainings at constant rates: ${formatRate(best)} is best`,
    x: {
      from,
      to: Math.max(rates[rates.length - 1], 10),
      log: true,
      label: "learning rate (log scale)",
    },
    y: {
      from: low / 1.4,
      to: base * 1.4,
      log: true,
      label: "validation loss (log scale)",
    },
  });
  markY(plot, base, "nothing learnt", { align: "left" });
  plot.line(rates, losses, { ink: "smooth", width: 2.5 });
  plot.dots(rates, losses, { ink: "smooth", size: 3.5 });
  markAnswers(plot, answers, false);
  markX(plot, guess, `you: ${formatRate(guess)}`, { width: 2.5 });
}
