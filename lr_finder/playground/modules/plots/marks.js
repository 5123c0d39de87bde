// Marks on a plot: lines across it, bands, arrows, words.

import { color } from "./palette.js";
import { write } from "./plot.js";

// A line from top to bottom at x, with a word beside it.
export function markX(plot, x, label = "", options = {}) {
  const { ink = "accent", dash = [], width = 1.5, row = 0 } = options;
  const px = plot.x.at(x);
  const { left, right, top, bottom } = plot.box;
  if (!(px >= left - 1 && px <= right + 1)) return;
  plot.pen({ ink, dash, width });
  plot.segment(px, top, px, bottom);
  plot.pen({});
  if (label) label_(plot, label, px, top + 14 + 15 * row, ink);
}

function label_(plot, label, px, py, ink) {
  const { context, box } = plot;
  context.font = "12px system-ui, sans-serif";
  const wide = context.measureText(label).width;
  const isLeft = px + wide + 8 > box.right;
  const x = isLeft ? px - 5 - wide : px + 5;
  context.globalAlpha = 0.82;
  context.fillStyle = color("page");
  context.fillRect(x - 2, py - 11, wide + 4, 15);
  context.globalAlpha = 1;
  write(context, label, x, py, { ink });
}

// A line from left to right at y.
export function markY(plot, y, label = "", options = {}) {
  const { ink = "raw", dash = [4, 3], width = 1.2, align = "right" } = options;
  const py = plot.y.at(y);
  const { left, right, top, bottom } = plot.box;
  if (!(py >= top - 1 && py <= bottom + 1)) return;
  plot.pen({ ink, dash, width });
  plot.segment(left, py, right, py);
  plot.pen({});
  const at = plot.x.invert(align === "right" ? right - 5 : left + 5);
  if (label) note(plot, at, y, label, { ink: "muted", align, size: 11, dx: 0, dy: -5 });
}

// The part between two x.
export function band(plot, from, to, options = {}) {
  const { ink = "band", alpha = 0.5, share = [0, 1] } = options;
  const { top, bottom } = plot.box;
  plot.inside((context) => {
    plot.pen({ ink, alpha });
    const [x0, x1] = [plot.x.at(from), plot.x.at(to)];
    const high = bottom - top;
    context.fillRect(x0, top + share[0] * high, x1 - x0, (share[1] - share[0]) * high);
  });
}

// From one point to another, in the plot's own numbers.
export function arrow(plot, from, to, options = {}) {
  const { ink = "accent", width = 2.5 } = options;
  const [x0, y0] = [plot.x.at(from[0]), plot.y.at(from[1])];
  const [x1, y1] = [plot.x.at(to[0]), plot.y.at(to[1])];
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 2)) return;
  const head = Math.min(9, length * 0.6);
  const angle = Math.atan2(y1 - y0, x1 - x0);
  plot.inside((context) => {
    plot.pen({ ink, width });
    const back = head * 0.7;
    plot.segment(x0, y0, x1 - back * Math.cos(angle), y1 - back * Math.sin(angle));
    context.beginPath();
    context.moveTo(x1, y1);
    for (const turn of [2.7, -2.7]) {
      context.lineTo(
        x1 + head * Math.cos(angle + turn),
        y1 + head * Math.sin(angle + turn),
      );
    }
    context.fill();
  });
}

// Words at a point of the plot, on a ground that keeps them legible.
export function note(plot, x, y, text, options = {}) {
  const { dx = 6, dy = -6, ink = "text", size = 12, align = "left" } = options;
  const { context } = plot;
  context.font = `${size}px system-ui, sans-serif`;
  const wide = context.measureText(text).width;
  const shift = { left: 0, center: wide / 2, right: wide }[align];
  const { left, right, top, bottom } = plot.box;
  const px = Math.min(Math.max(plot.x.at(x) + dx - shift, left + 3), right - wide - 3);
  const py = Math.min(Math.max(plot.y.at(y) + dy, top + 12), bottom - 5);
  context.globalAlpha = 0.82;
  context.fillStyle = color("page");
  context.fillRect(px - 2, py - size + 1, wide + 4, size + 3);
  context.globalAlpha = 1;
  write(context, text, px, py, { ink, size });
}

// A legend in rows below the title: [{text, ink, dash, dot}]; ends where there is no room.
export function legend(plot, entries, { x = 8, y = 6 } = {}) {
  const { context, box } = plot;
  let [left, top] = [box.left + x, box.top + y + 8];
  context.font = "11px system-ui, sans-serif";
  for (const { text, ink, dash = [], dot = false } of entries) {
    const wide = context.measureText(text).width + 34;
    if (left + wide > box.right && left > box.left + x) {
      left = box.left + x;
      top += 15;
    }
    context.globalAlpha = 0.82;
    context.fillStyle = color("page");
    context.fillRect(left - 2, top - 9, wide - 4, 14);
    plot.pen({ ink, dash, width: 2 });
    if (dot) {
      context.beginPath();
      context.arc(left + 9, top - 3, 3.5, 0, 2 * Math.PI);
      context.fill();
    } else plot.segment(left, top - 3, left + 20, top - 3);
    plot.pen({});
    write(context, text, left + 24, top + 1, { size: 11 });
    left += wide;
  }
}
