// A plot on a canvas: scales, axes and what is drawn between them.

import { ticksOf } from "./numbers.js";
import { color } from "./palette.js";

const FONT = "system-ui, sans-serif";

// A line of text in a canvas.
export function write(context, text, x, y, options = {}) {
  const { size = 12, align = "left", weight = "normal", ink = "text" } = options;
  context.font = `${weight} ${size}px ${FONT}`;
  context.fillStyle = color(ink);
  context.textAlign = align;
  context.textBaseline = options.baseline ?? "alphabetic";
  context.fillText(text, x, y);
}

// Make the canvas as sharp as the screen; returns {context, width, height} in CSS pixels.
export function fit(canvas) {
  const ratio = Math.min(globalThis.devicePixelRatio || 1, 3);
  const width = Math.max(canvas.clientWidth, 50);
  const height = Math.max(canvas.clientHeight, 50);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.globalAlpha = 1;
  context.lineJoin = "round";
  context.setLineDash([]);
  return { context, width, height };
}

// {from, to, log} onto pixels, and back.
function scaleOf({ from, to, log = false, tick = null }, first, last) {
  const convert = log ? Math.log : (value) => value;
  const low = convert(from);
  const factor = (last - first) / (convert(to) - low);
  const at = (value) => first + (convert(value) - low) * factor;
  const invert = (pixel) => {
    const value = low + (pixel - first) / factor;
    return log ? Math.exp(value) : value;
  };
  return { at, invert, from, to, log, tick };
}

export class Plot {
  // x, y: {from, to, log, label}; title: what the picture says.
  constructor(canvas, { x, y, title = "", margins = {} }) {
    const { context, width, height } = fit(canvas);
    this.context = context;
    const { left = 52, right = 12, bottom = 40, top = title ? 28 : 12 } = margins;
    this.box = { left, right: width - right, top, bottom: height - bottom };
    this.x = scaleOf(x, this.box.left, this.box.right);
    this.y = scaleOf(y, this.box.bottom, this.box.top);
    if (title) this.writeTitle(title, width);
    this.drawAxes(x.label ?? "", y.label ?? "");
    canvas.plot = this; // for pointers, which ask it where they are
  }

  writeTitle(title, width) {
    const room = width - 14;
    const wide = (size) => {
      this.context.font = `600 ${size}px ${FONT}`;
      return this.context.measureText(title).width;
    };
    const size = [13, 12, 11].find((each) => wide(each) <= room) ?? 11;
    let shown = title;
    while (shown.length > 8 && this.context.measureText(shown).width > room) {
      shown = `${shown.slice(0, -2).trimEnd()}…`;
    }
    write(this.context, shown, 6, 17, { size, weight: "600" });
  }

  drawAxes(xLabel, yLabel) {
    const { context, box } = this;
    const { left, right, top, bottom } = box;
    context.lineWidth = 1;
    context.strokeStyle = color("grid");
    const room = Math.max(2, Math.floor((right - left) / 62));
    for (const { at, text } of ticksOf(this.x.from, this.x.to, this.x.log, room)) {
      const px = Math.round(this.x.at(at)) + 0.5;
      this.segment(px, top, px, bottom);
      const shown = this.x.tick ? this.x.tick(at) : text;
      write(context, shown, px, bottom + 15, {
        size: 11,
        align: "center",
        ink: "muted",
      });
    }
    const rows = Math.max(2, Math.floor((bottom - top) / 34));
    for (const { at, text } of ticksOf(this.y.from, this.y.to, this.y.log, rows)) {
      const py = Math.round(this.y.at(at)) + 0.5;
      this.segment(left, py, right, py);
      const shown = this.y.tick ? this.y.tick(at) : text;
      write(context, shown, left - 6, py + 4, {
        size: 11,
        align: "right",
        ink: "muted",
      });
    }
    context.strokeStyle = color("frame");
    context.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top);
    const middle = (left + right) / 2;
    write(context, xLabel, middle, bottom + 33, { align: "center", ink: "muted" });
    this.upright(yLabel, 12, (top + bottom) / 2);
  }

  upright(text, x, y) {
    const { context } = this;
    context.save();
    context.translate(x, y);
    context.rotate(-Math.PI / 2);
    write(context, text, 0, 0, { align: "center", ink: "muted" });
    context.restore();
  }

  segment(x0, y0, x1, y1) {
    this.context.beginPath();
    this.context.moveTo(x0, y0);
    this.context.lineTo(x1, y1);
    this.context.stroke();
  }

  // Whatever `draw` draws, cut at the frame.
  inside(draw) {
    const { context, box } = this;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    draw(context);
    context.restore();
  }

  pen({ ink = "smooth", width = 2, dash = [], alpha = 1 } = {}) {
    const { context } = this;
    context.strokeStyle = color(ink);
    context.fillStyle = color(ink);
    context.lineWidth = width;
    context.setLineDash(dash);
    context.globalAlpha = alpha;
    context.lineJoin = "round";
  }

  // Through points; what is not finite, or not positive on a log axis, makes a gap.
  line(xs, ys, options = {}) {
    this.inside((context) => {
      this.pen(options);
      context.beginPath();
      let isOpen = false;
      const { first = 0, count = xs.length } = options;
      for (let i = first; i < count; i++) {
        const [px, py] = [this.x.at(xs[i]), this.y.at(ys[i])];
        if (!Number.isFinite(px) || !Number.isFinite(py)) isOpen = false;
        else if (isOpen) context.lineTo(px, clampPixel(py));
        else {
          context.moveTo(px, clampPixel(py));
          isOpen = true;
        }
      }
      context.stroke();
    });
  }

  dots(xs, ys, options = {}) {
    this.inside((context) => {
      this.pen(options);
      context.setLineDash([]);
      const { size = 3, first = 0, count = xs.length, hollow = false } = options;
      context.beginPath();
      for (let i = first; i < count; i++) {
        const [px, py] = [this.x.at(xs[i]), this.y.at(ys[i])];
        if (!Number.isFinite(px) || !Number.isFinite(py)) continue;
        context.moveTo(px + size, py);
        context.arc(px, py, size, 0, 2 * Math.PI);
      }
      if (hollow) context.stroke();
      else context.fill();
    });
  }
}

// Canvas loses lines that end millions of pixels away.
function clampPixel(value) {
  return Math.min(Math.max(value, -1e4), 1e4);
}
