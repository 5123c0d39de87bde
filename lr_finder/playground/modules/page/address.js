// The state of an experiment in the page's address: #panel?key=value&key=value. What is
// as it was at first is left out; what cannot be read is ignored.

export function initialValues(fields) {
  return Object.fromEntries(fields.map((field) => [field.key, field.initial]));
}

// {panel, text}: the panel's name, and what follows the question mark.
export function splitAddress(hash) {
  const [panel, ...rest] = hash.replace(/^#/, "").split("?");
  return { panel, text: rest.join("?") };
}

export function readValues(fields, text) {
  const values = initialValues(fields);
  const given = pairsOf(text);
  for (const field of fields) {
    const found = given.has(field.key) ? field.read(given.get(field.key)) : undefined;
    if (found !== undefined) values[field.key] = found;
  }
  return values;
}

function pairsOf(text) {
  const pairs = new Map();
  for (const part of text.split("&")) {
    const at = part.indexOf("=");
    if (at > 0) pairs.set(part.slice(0, at), decoded(part.slice(at + 1)));
  }
  return pairs;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a stray % that a person typed
  }
}

export function writeAddress(panel, fields, values) {
  const parts = [];
  for (const field of fields) {
    const text = field.write(values[field.key]);
    if (text !== field.write(field.initial)) {
      parts.push(
        `${field.key}=${encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":")}`,
      );
    }
  }
  return `#${panel}${parts.length ? "?" : ""}${parts.join("&")}`;
}
