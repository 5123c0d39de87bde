// What a person can set. A field reads and writes its value as text for the address, and
// makes its control: {key, initial, read(text), write(value), control(get, set)}.

import { formatRate } from "../plots/numbers.js";
import { element } from "./elements.js";

const PER_DECADE = 40; // notches of a slider on a logarithmic scale: 6 % each

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function labelled(label, hint, output, ...controls) {
  const top = element("span", { class: "label" }, label, output);
  const text = hint ? [element("small", {}, hint)] : [];
  return element("label", { class: "field" }, top, ...controls, ...text);
}

// A number on a slider. `log`: on a logarithmic scale, rounded to three digits; `zero`:
// its left end is a true 0.
export function slider(key, options) {
  const { label, min, max, step = 1, initial, log = false, zero = false } = options;
  const show = options.show ?? ((value) => (log ? formatRate(value, 3) : `${value}`));
  const notches = log ? Math.round(PER_DECADE * Math.log10(max / min)) : 0;
  const toNotch = (value) => {
    if (!log) return value;
    if (zero && value === 0) return -1;
    return Math.round((notches * Math.log(value / min)) / Math.log(max / min));
  };
  const fromNotch = (notch) => {
    if (!log) return Number(notch.toFixed(6));
    if (notch < 0) return 0;
    return Number((min * (max / min) ** (notch / notches)).toPrecision(3));
  };
  const read = (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) return undefined;
    if (zero && value <= 0) return 0;
    const kept = clamp(value, min, max);
    return log ? kept : fromNotch(min + step * Math.round((kept - min) / step));
  };
  function control(get, set) {
    const output = element("output", {});
    const input = element("input", {
      type: "range",
      name: key,
      min: log ? (zero ? -1 : 0) : min,
      max: log ? notches : max,
      step: log ? 1 : step,
      oninput: () => set(fromNotch(Number(input.value))),
    });
    const refresh = () => {
      if (fromNotch(Number(input.value)) !== get()) input.value = toNotch(get());
      const text = show(get());
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    };
    return { node: labelled(label, options.hint, output, input), refresh };
  }
  return { key, initial, read, write: String, control, visible: options.visible };
}

// One of several: {value: what is shown}.
export function choice(key, options) {
  const { label, values, initial } = options;
  const read = (text) => (Object.hasOwn(values, text) ? text : undefined);
  function control(get, set) {
    const made = Object.entries(values).map(([value, text]) =>
      element("option", { value }, text),
    );
    const select = element(
      "select",
      { name: key, onchange: () => set(select.value) },
      ...made,
    );
    const refresh = () => {
      select.value = get();
    };
    return { node: labelled(label, options.hint, "", select), refresh };
  }
  return { key, initial, read, write: String, control, visible: options.visible };
}

// Yes or no.
export function toggle(key, options) {
  const { label, initial } = options;
  const read = (text) => (/^[01]$/.test(text) ? text === "1" : undefined);
  function control(get, set) {
    const input = element("input", {
      type: "checkbox",
      name: key,
      onchange: () => set(input.checked),
    });
    const refresh = () => {
      input.checked = get();
    };
    const node = element("label", { class: "field check" }, input, label);
    return { node, refresh };
  }
  const write = (value) => (value ? "1" : "0");
  return { key, initial, read, write, control, visible: options.visible };
}

// Some of several, as boxes to tick: {value: what is shown}.
export function several(key, options) {
  const { label, values, initial } = options;
  const read = (text) => {
    const asked = text.split(",").filter((value) => Object.hasOwn(values, value));
    return text === "none" || asked.length ? asked : undefined;
  };
  function control(get, set) {
    const boxes = Object.entries(values).map(([value, text]) => {
      const input = element("input", {
        type: "checkbox",
        name: `${key}-${value}`,
        onchange: () => {
          const kept = Object.keys(values).filter((each) =>
            each === value ? input.checked : get().includes(each),
          );
          set(kept);
        },
      });
      const swatch = element("span", {
        class: `chip ink-${value}`,
        "aria-hidden": "true",
      });
      return {
        value,
        input,
        node: element("label", { class: "box" }, input, swatch, text),
      };
    });
    const refresh = () => {
      for (const box of boxes) box.input.checked = get().includes(box.value);
    };
    const legend = element("legend", {}, label);
    const node = element("fieldset", {}, legend, ...boxes.map((box) => box.node));
    return { node, refresh };
  }
  const write = (value) => value.join(",") || "none";
  return { key, initial, read, write, control, visible: options.visible };
}

// Numbers that are set in a picture, not by a control: so many, each in its range.
export function numbers(key, { initial, ranges }) {
  const read = (text) => {
    const values = text.split(",").map(Number);
    if (values.length !== ranges.length || !values.every(Number.isFinite))
      return undefined;
    return values.map((value, k) => clamp(value, ...ranges[k]));
  };
  const write = (value) => value.map((number) => Number(number.toFixed(4))).join(",");
  return { key, initial, read, write, control: null };
}

// Any text that a panel reads itself: `read` returns undefined for what it refuses.
export function hidden(key, { initial, read, write }) {
  return { key, initial, read, write, control: null };
}
