// The page: which panel is shown, what is set in it, and the clock that plays.

import { forgetColors } from "../plots/palette.js";
import { initialValues, readValues, splitAddress, writeAddress } from "./address.js";
import { element } from "./elements.js";
import { makeView } from "./view.js";

const WRITE_EVERY = 300; // milliseconds: browsers refuse an address that changes too often

export function startApp(panels, data) {
  const groups = new Map(); // panels of one group share what is set in them
  for (const panel of panels) {
    const name = panel.group ?? panel.id;
    if (!groups.has(name)) groups.set(name, initialValues(panel.fields));
  }
  const still = globalThis.matchMedia("(prefers-reduced-motion: reduce)");
  let panel = panels[0];
  let view = null;
  let frame = 0;
  let writing = 0;
  let known = ""; // the address that was read or written last
  const links = makeLinks(panels);

  const values = () => groups.get(panel.group ?? panel.id);
  const app = {
    data,
    isPlaying: false,
    values,
    change(patch) {
      if (!patch) return;
      groups.set(panel.group ?? panel.id, { ...values(), ...patch });
      refresh();
    },
    restart(patch) {
      app.isPlaying = false;
      app.change({ ...initialValues(panel.fields), ...patch });
    },
    act(name) {
      const action = panel.actions.find((each) => each.name === name);
      app.change(action.run(values(), app) ?? {});
    },
    play() {
      app.isPlaying = !app.isPlaying;
    },
    // To another panel, with something set there.
    go(id, patch) {
      const other = find(id);
      const kept = groups.get(other.group ?? id);
      location.hash = writeAddress(id, other.fields, { ...kept, ...patch });
    },
  };

  const find = (id) => panels.find((each) => each.id === id);

  function refresh() {
    view.refresh();
    if (writing === 0) writing = setTimeout(writeState, WRITE_EVERY);
    if (frame === 0 && hasWork()) frame = requestAnimationFrame(onFrame);
    showBusy();
  }

  // For whoever waits until all is computed, drawn and in the address.
  const showBusy = () => {
    document.body.dataset.busy = `${frame !== 0 || writing !== 0}`;
  };

  const hasWork = () => app.isPlaying || Boolean(panel.isBusy?.(values(), app));

  // What takes longer than an event may is done a few milliseconds at a time.
  function onFrame() {
    frame = 0;
    if (panel.isBusy?.(values(), app)) panel.work(values(), app);
    if (app.isPlaying) advance();
    const isSilent = still.matches && panel.isBusy?.(values(), app);
    if (!isSilent) refresh();
    else frame = requestAnimationFrame(onFrame);
  }

  // A step of what plays; without motion, all of them at once.
  function advance() {
    let patch = panel.advance(values());
    for (let next = patch; still.matches && next; ) {
      patch = next;
      next = panel.advance({ ...values(), ...next });
    }
    if (patch) groups.set(panel.group ?? panel.id, { ...values(), ...patch });
    if (!patch || still.matches) app.isPlaying = false;
  }

  function writeState() {
    writing = 0;
    if (location.hash !== known) return; // a person has gone on: `onAddress` will come
    const address = writeAddress(panel.id, panel.fields, values());
    if (address !== known) history.replaceState(null, "", address);
    known = location.hash;
    for (const [each, link] of links) {
      const kept = groups.get(each.group ?? each.id);
      link.setAttribute("href", writeAddress(each.id, each.fields, kept));
    }
    showBusy();
  }

  function onAddress() {
    clearTimeout(writing);
    writing = 0;
    known = location.hash;
    const { panel: id, text } = splitAddress(location.hash);
    const isNew = view === null || panel.id !== id;
    const wasShown = view !== null;
    panel = find(id) ?? panels[0];
    app.isPlaying = false;
    groups.set(panel.group ?? panel.id, readValues(panel.fields, text));
    if (isNew) showPanel(wasShown);
    refresh();
  }

  function showPanel(moveFocus) {
    view = makeView(panel, app);
    document.getElementById("main").replaceChildren(view.node);
    document.title = `${panel.title} – Learning rates by hand`;
    for (const [each, link] of links) {
      if (each === panel) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (moveFocus) {
      document.getElementById("title").focus({ preventScroll: true });
      globalThis.scrollTo(0, 0);
    }
  }

  function redraw() {
    forgetColors();
    view.refresh();
  }

  onAddress();
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address is the experiment's
    document.getElementById("title").focus();
  });
  globalThis.addEventListener("hashchange", onAddress);
  new ResizeObserver(redraw).observe(document.getElementById("main"));
  globalThis
    .matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", redraw);
  for (const [event, isPrinting] of [
    ["beforeprint", true],
    ["afterprint", false],
  ]) {
    globalThis.addEventListener(event, () => {
      document.documentElement.classList.toggle("printing", isPrinting);
      redraw();
    });
  }
  return app;
}

function makeLinks(panels) {
  const links = new Map();
  const items = panels.map((panel) => {
    const link = element("a", { href: `#${panel.id}` }, panel.short ?? panel.title);
    links.set(panel, link);
    return element("li", {}, link);
  });
  document.getElementById("panels").replaceChildren(...items);
  return links;
}
