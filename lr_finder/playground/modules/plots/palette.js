// Colours, read from the style sheet, which has them for light, dark and print.

let known = null;
let source = null;

// A colour by its name there, as "accent" or "adam".
export function color(name) {
  if (known === null) {
    known = new Map();
    source = getComputedStyle(document.documentElement);
  }
  if (!known.has(name)) known.set(name, source.getPropertyValue(`--${name}`).trim());
  return known.get(name);
}

// The scheme has changed.
export function forgetColors() {
  known = null;
}

// A colour as [red, green, blue].
export function channels(name) {
  const text = color(name);
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

// Dashes tell the optimizers apart without colour, as in the figures of the package.
export const DASHES = {
  sgd: [],
  momentum: [],
  nesterov: [6, 2, 1, 2],
  adagrad: [1.5, 2],
  rmsprop: [1.5, 2],
  adam: [6, 3],
  adamw: [2, 2],
};
