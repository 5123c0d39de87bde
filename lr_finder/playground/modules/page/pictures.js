// A picture: a canvas with its words for those who do not see it, and, if it answers to
// them, pointer and keys.

import { element } from "./elements.js";

const MOVES = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

// {node, canvas, describe(text)} of {name, height, hint, point, move}: `point(x, y)` and
// `move(dx, dy, isLarge)` return what is to change, or null.
export function makePicture(picture, app) {
  const takesInput = picture.point !== undefined;
  const canvas = element("canvas", {
    role: takesInput ? "application" : "img",
    tabindex: takesInput ? 0 : null,
    class: takesInput ? "live" : null,
    "data-name": picture.name,
  });
  canvas.style.height = `${picture.height ?? 300}px`;
  if (takesInput) listen(canvas, picture, app);
  const hint = picture.hint ? [element("figcaption", {}, picture.hint)] : [];
  const node = element(
    "figure",
    { class: picture.wide ? "wide" : null },
    canvas,
    ...hint,
  );
  const describe = (text) => {
    const words = takesInput ? `${text} ${picture.hint ?? ""}` : text;
    canvas.setAttribute("aria-label", words);
  };
  return { node, canvas, describe };
}

function listen(canvas, picture, app) {
  let isDown = false;
  const pointAt = (event) => {
    const { plot } = canvas;
    const place = canvas.getBoundingClientRect();
    const x = plot.x.invert(event.clientX - place.left);
    const y = plot.y.invert(event.clientY - place.top);
    app.change(picture.point(x, y, app.values()));
  };
  // A finger that goes up or down scrolls the page: it sets something only where it taps
  // or goes sideways.
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") pointAt(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (isDown) pointAt(event);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (isDown) pointAt(event);
    isDown = false;
  });
  canvas.addEventListener("pointercancel", () => {
    isDown = false;
  });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !picture.move || event.ctrlKey || event.altKey || event.metaKey)
      return;
    event.preventDefault();
    app.change(picture.move(...move, event.shiftKey, app.values()));
  });
}
