// The map of a loss surface: shaded, with contour lines, paths and the start.

import { remember } from "../../page/remember.js";
import {
  contours,
  drawContours,
  drawImage,
  logLevels,
  paint,
  sampleGrid,
} from "../../plots/maps.js";
import { note } from "../../plots/marks.js";
import { color, DASHES } from "../../plots/palette.js";
import { Plot } from "../../plots/plot.js";
import { startOf, surfaceOf } from "./fields.js";

const GRID = 61;
const LEVELS = 14;
const layOf = () =>
  remember((surface, inks) => {
    const grid = sampleGrid(surface.value, surface.window, GRID, GRID);
    const levels = logLevels(grid, surface.lowest, LEVELS);
    const [low, high] = [levels[0], levels[LEVELS - 1]].map((each) =>
      Math.log(each - surface.lowest),
    );
    const shade = (value) => {
      const share =
        (Math.log(Math.max(value - surface.lowest, 1e-12)) - low) / (high - low);
      return Math.min(Math.max(share, 0), 1);
    };
    return { pieces: contours(grid, levels), image: paint(grid, shade, inks) };
  });
const layers = new WeakMap(); // of each canvas

export function drawMap(canvas, values, paths, title, at = values.at) {
  const surface = surfaceOf(values);
  const [x0, x1, y0, y1] = surface.window;
  const plot = new Plot(canvas, {
    title,
    x: { from: x0, to: x1, label: "weight x" },
    y: { from: y0, to: y1, label: "weight y" },
  });
  if (!layers.has(canvas)) layers.set(canvas, layOf());
  const key = [values.surface, values.condition, color("low"), color("high")].join();
  const { pieces, image } = layers.get(canvas)(key, surface, ["low", "high"]);
  drawImage(plot, image);
  drawContours(plot, pieces);
  for (const [x, y] of surface.minima) {
    plot.dots([x], [y], { ink: "text", size: 4 });
    note(plot, x, y, "minimum", { size: 11, ink: "muted", dy: 15 });
  }
  for (const path of paths) {
    const count = Math.min(at, path.made) + 1;
    plot.line(path.x, path.y, {
      ink: path.name,
      dash: DASHES[path.name],
      count,
      width: 2,
    });
    plot.dots(path.x, path.y, { ink: path.name, size: 1.8, count });
    const last = count - 1;
    plot.dots([path.x[last]], [path.y[last]], { ink: path.name, size: 5 });
  }
  const [sx, sy] = startOf(values);
  plot.dots([sx], [sy], { ink: "text", size: 5, hollow: true });
  note(plot, sx, sy, "start", { size: 11 });
  return plot;
}

// Where a click or a key puts the start: inside the window.
export function startAt(x, y, values) {
  const [x0, x1, y0, y1] = surfaceOf(values).window;
  const inside = (value, low, high) =>
    Number(Math.min(Math.max(value, low), high).toFixed(3));
  return { from: [inside(x, x0, x1), inside(y, y0, y1)] };
}

export function startMoved(dx, dy, large, values) {
  const [x0, x1, y0, y1] = surfaceOf(values).window;
  const share = large ? 0.1 : 0.02;
  const [x, y] = startOf(values);
  return startAt(x + dx * share * (x1 - x0), y + dy * share * (y1 - y0), values);
}
