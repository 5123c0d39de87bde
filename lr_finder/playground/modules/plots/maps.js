// Functions of two variables: contour lines by marching squares, and shaded maps.

import { channels, color } from "./palette.js";

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

// Values on a grid of nx × ny points over [x0, x1] × [y0, y1].
export function sampleGrid(value, [x0, x1, y0, y1], nx, ny) {
  const values = new Float64Array(nx * ny);
  for (let j = 0; j < ny; j++) {
    const y = y0 + ((y1 - y0) * j) / (ny - 1);
    for (let i = 0; i < nx; i++) {
      values[j * nx + i] = value(x0 + ((x1 - x0) * i) / (nx - 1), y);
    }
  }
  return { values, nx, ny, window: [x0, x1, y0, y1] };
}

// Marching squares: [x, y, x, y] of each piece of the line on which the grid has a level.
export function contour({ values, nx, ny, window: [x0, x1, y0, y1] }, level) {
  const pieces = [];
  const [dx, dy] = [(x1 - x0) / (nx - 1), (y1 - y0) / (ny - 1)];
  for (let j = 0; j + 1 < ny; j++) {
    for (let i = 0; i + 1 < nx; i++) {
      const ends = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [CORNERS[k], CORNERS[(k + 1) % 4]];
        const from = values[(j + a[1]) * nx + i + a[0]] - level;
        const to = values[(j + b[1]) * nx + i + b[0]] - level;
        if (from < 0 === to < 0) continue;
        const share = from / (from - to);
        ends.push(x0 + (i + a[0] + share * (b[0] - a[0])) * dx);
        ends.push(y0 + (j + a[1] + share * (b[1] - a[1])) * dy);
      }
      for (let k = 0; k + 3 < ends.length; k += 4) pieces.push(ends.slice(k, k + 4));
    }
  }
  return pieces;
}

// Levels at even distances of the logarithm above the lowest value.
export function logLevels({ values }, lowest, count) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    const above = value - lowest;
    if (above > 0 && above < low) low = above;
    if (above > high) high = above;
  }
  low = Math.max(low, high * 1e-5) * 2;
  const factor = (high / low) ** (1 / count);
  return Array.from({ length: count }, (_, k) => lowest + low * factor ** k);
}

// The pieces of several levels, to be kept: they are slow to find and quick to draw.
export function contours(grid, levels) {
  return levels.flatMap((level) => contour(grid, level));
}

export function drawContours(plot, pieces, { ink = "contour", width = 1 } = {}) {
  plot.inside((context) => {
    plot.pen({ ink, width });
    context.beginPath();
    for (const [a, b, c, d] of pieces) {
      context.moveTo(plot.x.at(a), plot.y.at(b));
      context.lineTo(plot.x.at(c), plot.y.at(d));
    }
    context.stroke();
  });
}

// A picture of the grid: `shade` maps a value to a share in [0, 1] between two colours.
export function paint(grid, shade, [from, to]) {
  const image = document.createElement("canvas");
  image.width = grid.nx;
  image.height = grid.ny;
  const context = image.getContext("2d");
  const pixels = context.createImageData(grid.nx, grid.ny);
  const [low, high] = [channels(from), channels(to)];
  for (let j = 0; j < grid.ny; j++) {
    for (let i = 0; i < grid.nx; i++) {
      const share = shade(grid.values[(grid.ny - 1 - j) * grid.nx + i]);
      const at = 4 * (j * grid.nx + i);
      for (let k = 0; k < 3; k++) {
        pixels.data[at + k] = low[k] + (high[k] - low[k]) * share;
      }
      pixels.data[at + 3] = 255;
    }
  }
  context.putImageData(pixels, 0, 0);
  return image;
}

// Lay a painted grid under a plot.
export function drawImage(plot, image) {
  const { left, right, top, bottom } = plot.box;
  plot.inside((context) => {
    context.imageSmoothingEnabled = true;
    context.drawImage(image, left, top, right - left, bottom - top);
  });
  plot.context.strokeStyle = color("frame");
  plot.context.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top);
}
