// HTML elements, made without HTML: text is text, whatever a file's name may hold.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

// Rows of cells as a table; the first row is its head, the first cell of each a heading.
export function table(caption, head, rows) {
  const cells = (row) =>
    row.map((cell, k) =>
      element(k === 0 ? "th" : "td", k === 0 ? { scope: "row" } : {}, cell),
    );
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text))),
      ),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))),
    ),
  );
}

// A colour chip before a name, so that a table is the legend of its plot.
export function chip(ink, text) {
  const swatch = element("span", { class: `chip ink-${ink}`, "aria-hidden": "true" });
  return element("span", { class: "named" }, swatch, text);
}
