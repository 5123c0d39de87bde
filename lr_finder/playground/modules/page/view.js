// A panel on the page: question, pictures, controls, what is seen, what to try.

import { element } from "./elements.js";
import { makePicture } from "./pictures.js";

const QUIET = 700; // milliseconds without a change before a screen reader hears it

// {node, refresh()} of a panel. `app` has values(), change(patch), restart(values),
// play(), act(name).
export function makeView(panel, app) {
  const pictures = (panel.pictures ?? []).map((each) => makePicture(each, app));
  const canvases = Object.fromEntries(
    pictures.map(({ canvas }, k) => [panel.pictures[k].name, canvas]),
  );
  const controls = panel.fields
    .filter((field) => field.control !== null)
    .filter((field) => !panel.controls || panel.controls.includes(field.key))
    .map((field) => ({
      field,
      ...field.control(
        () => app.values()[field.key],
        (value) => app.change({ [field.key]: value }),
      ),
    }));
  const parts = {
    verdict: element("p", { class: "verdict" }),
    formula: element("p", { class: "formula" }),
    tables: element("div", { class: "tables" }),
    spoken: element("p", { role: "status", class: "spoken" }),
    buttons: makeButtons(panel, app),
  };
  const node = layOut(panel, app, pictures, controls, parts);
  let waiting = 0;
  function refresh() {
    const values = app.values();
    for (const { field, node: control, refresh: show } of controls) {
      control.hidden = field.visible ? !field.visible(values) : false;
      show();
    }
    pictures.forEach(({ node: figure }, k) => {
      const { visible } = panel.pictures[k];
      figure.hidden = visible ? !visible(values, app) : false;
    });
    const seen = panel.draw(values, canvases, app);
    pictures.forEach(({ describe }, k) => {
      describe(seen.words?.[panel.pictures[k].name] ?? seen.verdict ?? "");
    });
    show(parts.verdict, seen.verdict);
    show(parts.formula, seen.formula);
    parts.tables.replaceChildren(...(seen.tables ?? []));
    for (const button of parts.buttons) button.refresh(values);
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      parts.spoken.textContent = seen.verdict ?? "";
    }, QUIET);
  }
  return { node, refresh };
}

function show(node, text) {
  node.hidden = !text;
  if (node.textContent !== text) node.textContent = text ?? "";
}

function makeButtons(panel, app) {
  return (panel.actions ?? []).map(({ name, label, visible }) => {
    const node = element("button", { type: "button", "data-name": name });
    node.addEventListener("click", () => app.act(name));
    const refresh = (values) => {
      node.hidden = visible ? !visible(values, app) : false;
      node.textContent = typeof label === "string" ? label : label(values, app);
    };
    return { node, refresh };
  });
}

function layOut(panel, app, pictures, controls, parts) {
  const reset = element(
    "button",
    { type: "button", class: "quiet", onclick: () => app.restart({}) },
    "Reset",
  );
  const hasControls = controls.length + parts.buttons.length > 0;
  const form = element(
    "form",
    { class: "controls", "aria-label": "Controls" },
    element("div", { class: "buttons" }, ...parts.buttons.map((b) => b.node), reset),
    ...controls.map((control) => control.node),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  const charts = element(
    "div",
    { class: "charts" },
    ...pictures.map((picture) => picture.node),
    parts.verdict,
    parts.formula,
  );
  return element(
    "article",
    { id: `panel-${panel.id}`, "aria-labelledby": "title" },
    element("h2", { id: "title", tabindex: -1 }, panel.title),
    element("p", { class: "question" }, panel.question),
    element(
      "div",
      { class: hasControls ? "work" : "" },
      charts,
      hasControls ? form : "",
      parts.tables,
    ),
    parts.spoken,
    element(
      "p",
      { class: "insight" },
      element("b", {}, "What it shows. "),
      panel.insight,
    ),
    ...tries(panel, app),
    ...terms(panel),
  );
}

function tries(panel, app) {
  if (!panel.tries?.length) return [];
  const items = panel.tries.map(({ label, text, set }) =>
    element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "try", onclick: () => app.restart(set) },
        label,
      ),
      element("span", {}, text),
    ),
  );
  return [
    element(
      "section",
      { class: "tries" },
      element("h3", {}, "Try this"),
      element("ul", {}, ...items),
    ),
  ];
}

function terms(panel) {
  if (!panel.terms?.length) return [];
  const entries = panel.terms.flatMap(([term, meaning]) => [
    element("dt", {}, term),
    element("dd", {}, meaning),
  ]);
  return [
    element(
      "details",
      { open: true },
      element("summary", {}, "Words used here"),
      element("dl", {}, ...entries),
    ),
  ];
}
