// The stage: every view of cnnwidget's panel in one widget, without a build and without imports.
//
// Python sends views (`plan_view`, `fit_view`, …) as plain values and the page draws them; the page
// answers by `intent` alone. A view names the traits it draws and is drawn anew, at most once an
// animation frame, when one of them changes. All text of users goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const PENDING_MS = 10000; // a button that nobody answers comes back
const DOUBLE_MS = 600; // a second press this soon is half of a double click
const MOST_BYTES = 7e6; // of an upload: a larger message would cut the connection
const KEPT_OPS = 16;
const PLAY_MS = 250;
const LOG_FROM = 8; // a range wider than this factor gets a logarithmic axis
const FLASH_AT_MOST = 80; // more changed cells than this are a new table, not a change
const PX_PER_PT = 4 / 3;
const INTERACTIVE = new Set(["button", "input", "select", "summary"]);

// ---------------------------------------------------------------- small tools

/** An element with attributes, listeners (`onclick`), and children (strings become text). */
function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  // The notebook's own shortcuts would eat arrows, space and enter otherwise.
  if (INTERACTIVE.has(tag) || "tabindex" in attributes) {
    made.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  made.append(...children);
  return made;
}

function s(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Text is written only where it changes, so that live regions speak once. */
function write(element, text) {
  const wanted = text ?? "";
  if (element.textContent === wanted) return false;
  element.textContent = wanted;
  return true;
}

function writeOrHide(element, text) {
  write(element, text);
  element.hidden = !text;
}

/** A name that may go on in the next line at its joints: after a dot, before a capital. */
function writeName(element, name) {
  if (!write(element, name)) return false;
  const parts = name.split(/(?<=\.)|(?<=[a-z])(?=[A-Z])/);
  element.replaceChildren(...parts.flatMap((part, i) => (i ? [h("wbr"), part] : [part])));
  return true;
}

/** As many children as items, those there are reused; then each is filled. */
function fill(parent, items, make, put) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(make());
  items.forEach((item, index) => put(parent.children[index], item, index));
}

function options(select, names) {
  fill(select, names, () => h("option"), (option, name, index) => {
    write(option, name);
    option.value = index;
  });
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const finite = (value) => typeof value === "number" && Number.isFinite(value);
const total = (numbers) => numbers.reduce((a, b) => a * b, 1);
const minus = (text) => text.replace("-", "−");

function number(value, digits = 3) {
  if (!finite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return minus(value.toExponential(digits - 1));
  return minus(size >= 10 ** digits ? value.toFixed(0) : value.toPrecision(digits));
}

const plain = (value, digits = 4) => (finite(value) ? minus(String(Number(value.toPrecision(digits)))) : "–");

/** Bytes come as DataView; before the first they are null or empty. */
function bytesOf(value) {
  if (!value) return new Uint8Array();
  if (value.buffer) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
}

// ---------------------------------------------------------------- what all views share

function openStage(model) {
  const page = Math.random().toString(36).slice(2, 10);
  const root = h("div", { class: "cnnwidget-stage" });
  const undo = []; // what cleanup does
  const dirty = new Set();
  const resized = [];
  const ops = [];
  let seq = 0;
  let frame = 0;

  function listen(target, event, act, capture = false) {
    if (target.addEventListener) {
      target.addEventListener(event, act, capture);
      undo.push(() => target.removeEventListener(event, act, capture));
    } else {
      target.on(event, act);
      undo.push(() => target.off(event, act));
    }
  }

  function soon(draw) {
    dirty.add(draw);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const now = [...dirty];
      dirty.clear();
      for (const each of now) each();
    });
  }
  undo.push(() => cancelAnimationFrame(frame));

  /** Draws a view now and whenever one of its traits changes. What it throws becomes a line in it. */
  function view(name, element, traits, draw) {
    const broken = h("p", { class: "cnn-broken", role: "alert", hidden: true });
    element.append(broken);
    const safely = () => {
      try {
        draw();
        broken.hidden = true;
      } catch (error) {
        console.error(error);
        write(broken, `The ${name} could not be drawn: ${error.message}`);
        broken.hidden = false;
      }
    };
    for (const trait of traits) listen(model, `change:${trait}`, () => soon(safely));
    safely();
    return () => soon(safely);
  }

  function send(op, more = {}) {
    seq += 1;
    ops.push({ seq, op, ...more });
    model.set("intent", { page, ops: ops.slice(-KEPT_OPS) });
    model.save_changes();
  }

  return {
    root, undo, listen, view, send, resized,
    get: (trait) => model.get(trait) ?? {},
    bytes: (trait) => bytesOf(model.get(trait)),
    link: makeLink(),
  };
}

/** Which layers are pointed at, by name: the plan, its picture and its notes show it together. */
function makeLink() {
  const watchers = [];
  let hovered = [];
  let pinned = null;
  const tell = (from) => {
    const active = new Set(hovered);
    if (pinned) active.add(pinned);
    for (const watch of watchers) watch(active, pinned, from);
  };
  return {
    watch: (act) => watchers.push(act),
    hover(names, from) {
      if (String(names) === String(hovered)) return;
      hovered = names;
      tell(from);
    },
    pin(name, from) {
      pinned = pinned === name ? null : name;
      tell(from);
    },
    again: () => tell(null),
  };
}

/** Tabs with the keys that readers of such pages know: arrows, home, end. */
function makeTabs(label, pages) {
  const list = h("div", { class: "cnn-tabs", role: "tablist", "aria-label": label });
  const watchers = [];
  let current = null;
  const buttons = pages.map(({ id, name, panel }) => {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-label", name);
    const button = h("button", {
      type: "button", class: "cnn-tab", role: "tab", "data-tab": id, onclick: () => select(id),
    }, name);
    list.append(button);
    return button;
  });
  function select(id) {
    current = id;
    pages.forEach((page, index) => {
      const chosen = page.id === id;
      page.panel.hidden = !chosen;
      buttons[index].setAttribute("aria-selected", chosen);
      buttons[index].tabIndex = chosen ? 0 : -1;
    });
    for (const watch of watchers) watch(id);
  }
  list.addEventListener("keydown", (event) => {
    const there = pages.filter((_, index) => !buttons[index].hidden);
    const at = there.findIndex((page) => page.id === current);
    const last = there.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const { id } = there[clamp(to, 0, last)];
    select(id);
    button(id).focus();
  });
  const button = (id) => buttons[pages.findIndex((page) => page.id === id)];
  select(pages[0].id);
  return { list, select, button, watch: (act) => watchers.push(act), current: () => current };
}

/** A button that steps through frames while it is pressed. */
function makePlayer(stage, step) {
  let timer = 0;
  const button = h("button", {
    type: "button", class: "cnn-small cnn-play", onclick: () => (timer ? stop() : start()),
  }, "Play");
  function start() {
    timer = setInterval(step, PLAY_MS);
    write(button, "Pause");
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    write(button, "Play");
  }
  stage.undo.push(stop);
  return { button, stop };
}

const labelled = (text, control, more = "") =>
  h("label", { class: `cnn-field ${more}` }, h("span", {}, text), control);

// ---------------------------------------------------------------- messages

function messagesView(stage) {
  const box = h("div", { class: "cnn-messages", role: "alert" });
  const list = h("div");
  box.append(list);
  const dismissed = new Set();
  const redraw = stage.view("messages", box, ["messages_view"], () => {
    const messages = (stage.get("messages_view").messages ?? []).filter(({ id }) => !dismissed.has(id));
    const make = () => h("div", { class: "cnn-message" }, h("span"), h("button", {
      type: "button", class: "cnn-small cnn-act", hidden: true,
      onclick: (event) => {
        const id = event.currentTarget.parentElement.message;
        stage.send("smaller batch", { id });
      },
    }), h("button", {
      type: "button", class: "cnn-small cnn-dismiss", "aria-label": "Dismiss this message",
      onclick: (event) => {
        const id = event.currentTarget.parentElement.message;
        dismissed.add(id);
        stage.send("dismiss", { id });
        redraw();
      },
    }, "Dismiss"));
    fill(list, messages, make, (bar, { id, text, act }) => {
      bar.message = id;
      write(bar.firstElementChild, text);
      writeOrHide(bar.children[1], act);
    });
  });
  return box;
}

// ---------------------------------------------------------------- header: title, totals, buttons

const RUNNING = new Set(["preparing", "running", "stopping"]);
const DONE = new Set(["stopped", "finished", "diverged"]);
const STARTS = new Set(["fit", "continue", "restart"]);
const UNHEARD = "No answer from the kernel: if it was restarted, run the cell again.";
const WORDS = {
  fit: ["Fit", "Starting…"], stop: ["Stop", "Stopping…"], continue: ["Continue", "Starting…"],
  restart: ["Restart", "Starting…"], save: ["Save run", "Saving…"],
};

/** What is told of a fit, or of what is running in its place. */
const current = (fit) => (fit.aside ? { ...fit, ...fit.aside } : fit);

/** Buttons that say at once that they were pressed, and wait until Python's state moves on. */
function makeActions(stage, redraw) {
  const made = {};
  let pending = null;
  let silent = null; // the views as they were at a press that nobody answered
  let started = -Infinity;
  const views = () => [stage.get("fit_view"), stage.get("messages_view")];
  const same = (before) => views().every((view, i) => view === before[i]);
  const signature = () => {
    const { state, can, saved, blocked } = current(stage.get("fit_view"));
    return JSON.stringify([state, can, saved, blocked, stage.get("messages_view").messages]);
  };
  function press(op) {
    // Stop takes the place of the button that started: a double click there must not end the fit.
    if (op === "stop" && performance.now() - started < DOUBLE_MS) return;
    if (STARTS.has(op)) started = performance.now();
    clearTimeout(pending?.timer);
    silent = null;
    const mine = { op, before: signature(), views: views() };
    mine.timer = setTimeout(() => {
      pending = null;
      if (same(mine.views)) silent = mine.views;
      redraw();
    }, PENDING_MS);
    pending = mine;
    show(op);
    stage.send(op);
    redraw();
  }
  function show(op) {
    const { state, blocked } = current(stage.get("fit_view"));
    // A stop is waited for until it is heard, whatever else happens meanwhile.
    const unheard = pending?.op === "stop" && ["preparing", "running"].includes(state);
    if (pending && !unheard && pending.before !== signature()) {
      clearTimeout(pending.timer);
      pending = null;
    }
    const mine = pending?.op === op || (op === "stop" && state === "stopping");
    const button = (made[op] ??= h("button", {
      type: "button", class: "cnn-button", "data-op": op, onclick: () => press(op),
    }));
    write(button, WORDS[op][mine ? 1 : 0]);
    button.disabled = mine || (pending && op !== "stop") || (op === "fit" && Boolean(blocked));
    return button;
  }
  stage.undo.push(() => clearTimeout(pending?.timer));
  return { show, unheard: () => Boolean(silent && same(silent)) };
}

function headerView(stage) {
  const title = h("h2", { class: "cnn-title" });
  const totals = h("dl", { class: "cnn-totals" });
  const buttons = h("div", { class: "cnn-buttons", role: "group", "aria-label": "Fit" });
  const blocked = h("p", { class: "cnn-blocked", "aria-live": "polite" });
  const box = h("header", { class: "cnn-header" },
    h("div", { class: "cnn-heading" }, title, totals), h("div", { class: "cnn-actions" }, buttons, blocked));
  const make = () => h("div", { class: "cnn-total" }, h("dt"), h("dd"));

  stage.view("title", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    write(title, plan.title ?? "");
    title.title = plan.title ?? "";
    fill(totals, plan.totals ?? [], make, (figure, { label, value, hint }) => {
      figure.dataset.label = label;
      figure.title = hint ?? "";
      write(figure.firstElementChild, label);
      write(figure.lastElementChild, value);
    });
  });

  let redraw = () => {};
  const { show, unheard } = makeActions(stage, () => redraw());
  redraw = stage.view("buttons", box, ["fit_view", "messages_view"], () => {
    const { state, can = ["fit"], blocked: why } = current(stage.get("fit_view"));
    const ops = (state === "stopping" && !can.length ? ["stop"] : can).filter((op) => op in WORDS && op !== "save");
    if (DONE.has(state)) ops.unshift("save");
    const wanted = ops.map(show);
    if (wanted.length !== buttons.children.length || wanted.some((b, i) => b !== buttons.children[i])) {
      const focused = buttons.contains(document.activeElement);
      buttons.replaceChildren(...wanted);
      if (focused) wanted[0]?.focus({ preventScroll: true });
    }
    write(blocked, unheard() ? UNHEARD : ops.includes("fit") ? why : "");
  });
  return box;
}

// ---------------------------------------------------------------- notes: problems and cautions

function notesView(stage) {
  const list = h("div", { class: "cnn-note-list" });
  const rest = h("div", { class: "cnn-note-list" });
  const summary = h("summary");
  const more = h("details", { class: "cnn-more", hidden: true }, summary, rest);
  const count = h("p", { class: "cnn-count", "aria-live": "polite" });
  let stale = false;
  const box = h("section", { class: "cnn-notes", "aria-label": "Problems and cautions" }, count, list, more);

  function make() {
    const point = () => stage.link.hover(names(note), "notes");
    const leave = () => stage.link.hover([], "notes");
    const note = h("div", { class: "cnn-note", onmouseenter: point, onmouseleave: leave, onfocusin: point, onfocusout: leave },
      h("b"), h("span", { class: "cnn-note-text" }), h("span", { class: "cnn-mends" }));
    return note;
  }
  // A caution may name several layers: "encoder.stage4.norm, encoder.stage5.norm and 2 more".
  const names = (note) => note.firstElementChild.textContent.split(/,\s+|\s+and\s+/);
  const mend = () => h("button", { type: "button", class: "cnn-small cnn-mend", onclick: (event) => {
    const { dataset } = event.currentTarget;
    stage.send("mend", { id: dataset.id, key: dataset.key });
  } });
  function put(note, { kind, where, text, mends = [] }, key) {
    note.dataset.kind = kind;
    write(note.children[0], where);
    write(note.children[1], text);
    fill(note.children[2], mends, mend, (button, { id, label, hint }) => {
      write(button, label);
      button.dataset.id = id;
      button.dataset.key = key;
      button.disabled = stale;
      button.title = hint ?? `Change the design: ${label}`;
    });
  }

  /** As many notes as the strip, whose height is fixed, can hold; at least one, at most three. */
  function arrange() {
    const { notes = [], key } = stage.get("notes_view");
    stale = key !== stage.get("plan_view").key; // the notes of a design that is no more mend nothing
    const width = box.clientWidth || 800;
    const letters = 6.6; // pixels, roughly: measured text would mean a second layout
    const lines = ({ where = "", text = "", mends = [] }) => {
      const buttons = mends.reduce((sum, { label }) => sum + 26 + letters * label.length, 0);
      return Math.ceil((30 + letters * (where.length + text.length) + buttons) / width);
    };
    let shown = 0;
    for (let used = 0; shown < Math.min(3, notes.length); shown += 1) {
      used += lines(notes[shown]);
      const room = shown + 1 === notes.length ? 3 : 2; // "and 4 more" takes the third line
      if (shown && used > room) break;
    }
    fill(list, notes.slice(0, shown), make, (note, item) => put(note, item, key));
    fill(rest, notes.slice(shown), make, (note, item) => put(note, item, key));
    write(summary, `and ${notes.length - shown} more`);
    more.hidden = shown === notes.length;
    if (more.hidden) more.open = false;
    const problems = notes.filter(({ kind }) => kind === "problem").length;
    const cautions = notes.filter(({ kind }) => kind === "caution").length;
    const counted = (many, word) => `${many || "no"} ${word}${many === 1 ? "" : "s"}`;
    write(count, key ? `${counted(problems, "problem")}, ${counted(cautions, "caution")}` : "");
    count.classList.toggle("cnn-unseen", notes.length > 0);
  }
  stage.resized.push(stage.view("notes", box, ["notes_view", "plan_view"], arrange));
  return box;
}

// ---------------------------------------------------------------- diagram

const DRAWN = new Set(["svg", "g", "a", "title", "path", "polygon", "polyline", "ellipse", "circle", "rect", "line",
  "text", "tspan", "defs", "linearGradient", "stop"]);

/** The picture as nodes: only what draws is kept, nothing that runs, loads or leads elsewhere. */
function readSvg(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.localName !== "svg" || parsed.getElementsByTagName("parsererror").length) {
    throw new Error("the picture is not valid SVG");
  }
  for (const element of [parsed, ...parsed.querySelectorAll("*")]) {
    if (!DRAWN.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes]) {
      // Ids, too: the same picture may be twice in a page.
      const bad = /^on|href$|^id$/i.test(name) || /url\s*\(|javascript:/i.test(value);
      if (bad) element.removeAttribute(name);
    }
  }
  return document.importNode(parsed, true);
}

function diagramView(stage) {
  const scroll = h("div", { class: "cnn-diagram", tabindex: "0", role: "region", "aria-label": "Diagram" });
  const box = h("div", { class: "cnn-diagram-box" }, scroll);
  const zooms = [["whole", "Whole"], ["width", "Width"], ["natural", "1:1"]].map(([id, name]) =>
    h("button", { type: "button", class: "cnn-small cnn-zoom", "data-zoom": id, title: `Size of the diagram: ${name}`,
      onclick: () => { zoom = id; resize(); } }, name));
  let zoom = null; // until the user chooses
  let svg = null;
  let drawn = null;
  let natural = [1, 1];
  let nodes = new Map(); // id of a row -> its node
  let layers = new Map(); // name of a layer -> its node
  let named = null;
  let top; // the first layer: another network is looked at from its top

  function show(view) {
    drawn = view;
    if (!view.svg) {
      svg = null;
      nodes = new Map();
      layers = new Map();
      scroll.replaceChildren(h("p", { class: "cnn-hint" }, view.note || ""), h("pre", { class: "cnn-dot" }, view.dot || ""));
      return;
    }
    svg = readSvg(view.svg);
    const viewed = (svg.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
    natural = viewed.length === 4 && viewed.every(finite)
      ? [viewed[2] * PX_PER_PT, viewed[3] * PX_PER_PT]
      : [parseFloat(svg.getAttribute("width")) || 300, parseFloat(svg.getAttribute("height")) || 300];
    svg.setAttribute("role", "img");
    nodes = new Map();
    for (const node of svg.querySelectorAll("g.node")) {
      const title = node.querySelector("title");
      node.dataset.row = title?.textContent ?? "";
      nodes.set(node.dataset.row, node);
    }
    // Titles would come up as tooltips that say "row7".
    for (const title of svg.querySelectorAll("title")) title.remove();
    scroll.replaceChildren(svg);
    named = null;
    resize();
  }

  /** A picture belongs to the plan with its key; until that is there it keeps its names. */
  function name() {
    const plan = stage.get("plan_view");
    const label = `Diagram of ${plan.title ?? "the network"}`;
    svg?.setAttribute("aria-label", label);
    if (!svg || plan.key !== drawn.key || named === plan) return;
    named = plan;
    if (plan.rows?.[0]?.cells[0] !== top) scroll.scrollTop = 0;
    top = plan.rows?.[0]?.cells[0];
    layers = new Map([["input", nodes.get("input")], ["output", nodes.get("output")], ["latent", nodes.get("latent")]]);
    let last = null;
    for (const { id, cells } of plan.rows ?? []) {
      last = nodes.get(id) ?? last; // a layer without a node of its own is part of the one before
      layers.set(cells[0], last);
      if (nodes.has(id)) nodes.get(id).dataset.layer = cells[0];
    }
  }

  function resize() {
    if (!svg) return;
    const [wide, high] = [scroll.clientWidth - 2, scroll.clientHeight - 2];
    const whole = Math.min(1, wide / natural[0], high / natural[1]);
    // A picture of fifty stages that fits is a thread: rather as wide as the pane.
    const mode = zoom ?? (whole > 0.16 ? "whole" : "width");
    const scale = { whole, width: Math.min(1, wide / natural[0]), natural: 1 }[mode];
    if (wide > 0) {
      svg.setAttribute("width", natural[0] * scale);
      svg.setAttribute("height", natural[1] * scale);
    }
    for (const button of zooms) button.setAttribute("aria-pressed", button.dataset.zoom === mode);
  }

  const layerAt = (event) => event.target.closest?.("g.node")?.dataset.layer;
  scroll.addEventListener("mouseover", (event) => {
    const layer = layerAt(event);
    stage.link.hover(layer ? [layer] : [], "diagram");
  });
  scroll.addEventListener("mouseleave", () => stage.link.hover([], "diagram"));
  scroll.addEventListener("click", (event) => layerAt(event) && stage.link.pin(layerAt(event), "diagram"));

  stage.link.watch((active, pinned, from) => {
    for (const node of nodes.values()) node.classList.remove("cnn-hot", "cnn-pinned");
    for (const layer of active) layers.get(layer)?.classList.add("cnn-hot");
    layers.get(pinned)?.classList.add("cnn-pinned");
    const first = [...active].find((layer) => layers.get(layer));
    if (first && from && from !== "diagram") reveal(scroll, layers.get(first));
  });

  stage.view("diagram", box, ["diagram_view", "plan_view"], () => {
    const view = stage.get("diagram_view");
    if (view !== drawn && (view.svg || view.dot || view.note)) show(view);
    name();
    stage.link.again();
  });
  stage.resized.push(resize);
  return { box, zooms: h("div", { class: "cnn-zooms", role: "group", "aria-label": "Size of the diagram" }, ...zooms) };
}

/** Scrolls within a pane only: `scrollIntoView` would move the notebook, too. */
function reveal(pane, target, above = 0, below = 0) {
  const outer = pane.getBoundingClientRect();
  const inner = target.getBoundingClientRect();
  const over = inner.top - (outer.top + above);
  const under = inner.bottom - (outer.bottom - below);
  if (over < 0) pane.scrollTop += over - 8;
  else if (under > 0) pane.scrollTop += under + 8;
  if (inner.left < outer.left || inner.right > outer.right) {
    if (inner.width < outer.width) pane.scrollLeft += inner.left - outer.left - 8;
  }
}

// ---------------------------------------------------------------- table

const SHARES = { 5: "params_share", 7: "macs_share" };

function tableView(stage) {
  const head = h("tr");
  const input = h("tr", { "data-layer": "input" });
  const body = h("tbody");
  const foot = h("tr");
  const table = h("table", { class: "cnn-table" },
    h("thead", {}, head), h("tbody", { class: "cnn-input" }, input), body, h("tfoot", {}, foot));
  const box = h("div", { class: "cnn-table-box", tabindex: "0", role: "region",
    "aria-label": "Layers: arrows move, Enter pins" }, table);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let rows = new Map(); // name of a layer -> its row
  let sides = [];
  let at = -1; // the row that the arrow keys are at
  let sees = -1; // the column of receptive fields, which come after the rest
  let failed; // the layer that does not fit: it comes into sight once
  let first; // the first layer: with another one, it is another network, to be read from its top

  const cellsOf = (row, tag, texts, changed) =>
    fill(row, texts, () => h(tag), (cell, text, index) => {
      cell.dataset.align = sides[index] ?? "left";
      cell.classList.toggle("cnn-share", index in SHARES);
      if (write(cell, text)) changed?.push(cell);
    });

  function layerCell(index) {
    if (index in SHARES) return h("td", { class: "cnn-share" }, h("i"), h("span"));
    // The part's name stands apart, as its colour says the same where there is little room.
    return index === 0 ? h("td", {}, h("span", { class: "cnn-part" }), h("span")) : h("td");
  }

  function putName(cell, name, part) {
    const prefix = part && name.startsWith(`${part}.`) ? `${part}.` : "";
    cell.title = name;
    const other = write(cell.firstElementChild, prefix);
    return writeName(cell.lastElementChild, name.slice(prefix.length)) || other;
  }

  function putText(cell, text, index, part) {
    if (index === 0) return putName(cell, text, part);
    return index === 1 ? writeName(cell, text) : write(cell, text);
  }

  function putShare(cell, text, share) {
    if (cell.share !== share) {
      cell.share = share;
      cell.firstElementChild.style.width = share ? `${Math.max(1, 28 * share)}px` : "0";
      cell.previousElementSibling.style.setProperty("--share", share); // drawn below the number in narrow tables
      cell.previousElementSibling.title = text;
    }
    write(cell.lastElementChild, text);
  }

  function put(tr, row, changed) {
    const known = tr.dataset.row !== undefined;
    tr.dataset.row = row.id;
    tr.dataset.layer = row.cells[0];
    tr.dataset.part = row.part;
    tr.from = row.from ?? [];
    tr.classList.toggle("cnn-failed", Boolean(row.failed));
    tr.classList.toggle("cnn-aux", Boolean(row.aux));
    tr.classList.toggle("cnn-join", tr.from.length > 0);
    row.cells.forEach((text, index) => {
      const cell = tr.children[index] ?? tr.appendChild(layerCell(index));
      if (!known) cell.dataset.align = sides[index] ?? "left";
      if (index === sees) return; // as it was, until the new one is known
      if (index in SHARES) putShare(cell, text, row[SHARES[index]] || 0);
      else if (putText(cell, text, index, row.part) && known) changed.push(cell);
    });
    while (tr.children.length > row.cells.length) tr.lastElementChild.remove();
  }

  /** What a slider changed lights up briefly; a table that is all new does not. */
  function flash(changed) {
    if (!changed.length || changed.length > FLASH_AT_MOST || still.matches) return;
    const colour = getComputedStyle(box).getPropertyValue("--cnn-flash");
    for (const cell of changed) cell.animate([{ backgroundColor: colour }, {}], { duration: 350 });
  }

  const layerAt = (event) => event.target.closest("tr[data-layer]")?.dataset.layer;
  box.addEventListener("mouseover", (event) => stage.link.hover(layerAt(event) ? [layerAt(event)] : [], "table"));
  box.addEventListener("mouseleave", () => stage.link.hover([], "table"));
  box.addEventListener("click", (event) => layerAt(event) && stage.link.pin(layerAt(event), "table"));
  box.addEventListener("keydown", (event) => {
    const names = [...rows.keys()];
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (step && names.length) {
      at = clamp(at + step, 0, names.length - 1);
      stage.link.hover([names[at]], "keys");
    } else if (event.key === "Enter" && names[at]) stage.link.pin(names[at], "keys");
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => stage.link.hover([], "table"));

  let lit = [];
  let given = [];
  stage.link.watch((active, pinned, from) => {
    for (const row of lit) row.classList.remove("cnn-hot", "cnn-pinned");
    for (const row of given) row.classList.remove("cnn-given");
    lit = [...active].map((layer) => (layer === "input" ? input : rows.get(layer))).filter(Boolean);
    for (const row of lit) {
      row.classList.add("cnn-hot");
      row.classList.toggle("cnn-pinned", row.dataset.layer === pinned);
    }
    // A join shows with what it joins, which may stand far above it.
    given = lit.flatMap(({ from = [] }) => from.map((id) => body.children[Number(id.slice(3))])).filter(Boolean);
    for (const row of given) row.classList.add("cnn-given");
    if (lit[0] && from && from !== "table") reveal(box, lit[0], head.offsetHeight, foot.offsetHeight);
  });

  stage.view("table", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    sides = plan.align ?? [];
    sees = (plan.headers ?? []).indexOf("sees");
    const changed = [];
    // The headers of a number and of its share are one: "params" stands above both.
    cellsOf(head, "th", plan.headers ?? []);
    cellsOf(input, "td", plan.input ?? []);
    cellsOf(foot, "td", plan.total ?? [], changed);
    fill(body, plan.rows ?? [], () => h("tr"), (tr, row) => put(tr, row, changed));
    rows = new Map([...body.children].map((tr) => [tr.dataset.layer, tr]));
    flash(changed);
    stage.link.again();
    if (plan.rows?.[0]?.cells[0] !== first) box.scrollTop = 0;
    first = plan.rows?.[0]?.cells[0];
    const bad = body.querySelector(".cnn-failed");
    if (bad && bad.dataset.layer !== failed) reveal(box, bad, head.offsetHeight, foot.offsetHeight);
    failed = bad?.dataset.layer;
  });
  stage.view("receptive fields", box, ["facts_view", "plan_view"], () => {
    const { key, rows: known = {} } = stage.get("facts_view");
    if (sees < 0 || key !== stage.get("plan_view").key) return;
    for (const tr of body.children) write(tr.children[sees], known[tr.dataset.row]?.sees);
  });
  return box;
}

// ---------------------------------------------------------------- facts of the layer that is pointed at

function factsView(stage) {
  const name = h("b");
  const layer = h("span", { class: "cnn-soft" });
  const list = h("dl", { class: "cnn-fact-list" });
  const hint = h("p", { class: "cnn-soft" },
    "Point at a layer, or walk through the table by arrow keys: its shapes, its formula with the numbers, what it sees. "
    + "A click or Enter holds it.");
  const title = h("p", { class: "cnn-fact-title" }, name, " ", layer);
  const box = h("div", { class: "cnn-facts", role: "status", "aria-label": "Facts of a layer" }, hint, title, list);
  const make = () => h("div", { class: "cnn-fact" }, h("dt"), h("dd"));
  let shown = new Set();

  function draw() {
    const plan = stage.get("plan_view");
    const { key, rows = {} } = stage.get("facts_view");
    const row = [...shown].map((each) => plan.rows?.find(({ cells }) => cells[0] === each)).find(Boolean);
    const known = row && key === plan.key ? rows[row.id]?.facts ?? [] : [];
    hint.hidden = Boolean(row);
    title.hidden = list.hidden = !row;
    if (!row) return;
    write(name, row.cells[0]);
    write(layer, [row.cells[1], row.cells[2]].filter(Boolean).join(", "));
    fill(list, known, make, (fact, [what, text]) => {
      fact.dataset.fact = what;
      write(fact.firstElementChild, what);
      write(fact.lastElementChild, text);
    });
  }
  const redraw = stage.view("facts", box, ["facts_view", "plan_view"], draw);
  stage.link.watch((active) => {
    shown = active;
    redraw();
  });
  return box;
}

// ---------------------------------------------------------------- source

function sourceView(stage) {
  const text = h("code");
  const note = h("p", { class: "cnn-hint" });
  const copied = h("span", { class: "cnn-soft", "aria-live": "polite" });
  const pre = h("pre", { class: "cnn-source", tabindex: "0", "aria-label": "Source of the network" }, text);
  const copy = h("button", { type: "button", class: "cnn-small cnn-copy", onclick: async () => {
    write(copied, (await copyText(text.textContent, pre)) ? "Copied." : "The browser did not allow it.");
    setTimeout(() => write(copied, ""), 2000);
  } }, "Copy");
  const download = h("button", { type: "button", class: "cnn-small cnn-download", onclick: () => {
    const url = URL.createObjectURL(new Blob([text.textContent], { type: "text/x-python" }));
    h("a", { href: url, download: "network.py" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  } }, "Download network.py");
  const box = h("div", { class: "cnn-source-box" }, note, h("div", { class: "cnn-source-tools" }, copied, copy, download), pre);
  stage.view("source", box, ["plan_view"], () => {
    const { source, source_note: why } = stage.get("plan_view");
    write(text, source ?? "");
    writeOrHide(note, source ? "" : why);
    pre.hidden = copy.hidden = download.hidden = !source;
  });
  return box;
}

async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or a page without https
    const area = h("textarea", { readonly: true, class: "cnn-unseen" });
    area.value = text;
    near.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function networkView(stage) {
  const { box: diagram, zooms } = diagramView(stage);
  const both = h("div", {}, h("div", { class: "cnn-plan" }, diagram, tableView(stage)), factsView(stage));
  const source = sourceView(stage);
  const tabs = makeTabs("Network", [
    { id: "network", name: "Diagram and table", panel: both }, { id: "source", name: "Source", panel: source }]);
  tabs.watch((id) => {
    zooms.hidden = id !== "network";
    for (const resize of stage.resized) resize();
  });
  return h("section", { class: "cnn-network", "aria-label": "Network" }, h("div", { class: "cnn-bar" }, tabs.list, zooms), both, source);
}
// ---------------------------------------------------------------- fit: status

function statusView(stage) {
  const bar = h("i");
  const progress = h("div", { class: "cnn-progress", role: "progressbar", "aria-label": "Progress of the fit",
    "aria-valuemin": "0", "aria-valuemax": "100" }, bar);
  const line = h("span", { class: "cnn-line" });
  const left = h("span", { class: "cnn-left" });
  const belongs = h("span", { class: "cnn-belongs-text" });
  const restore = h("button", { type: "button", class: "cnn-small cnn-restore", onclick: () => stage.send("restore") },
    "Bring this design back");
  const saved = h("p", { class: "cnn-saved", "aria-live": "polite" });
  const keeps = h("p", { class: "cnn-keeps", "aria-live": "polite" });
  const belonging = h("div", { class: "cnn-belongs", hidden: true }, belongs, restore);
  const box = h("div", { class: "cnn-status" }, progress,
    h("div", { class: "cnn-status-row" }, line, keeps, saved, left), h("div", { class: "cnn-status-row" }, belonging));
  stage.view("status", box, ["fit_view", "plan_view"], () => {
    const fit = current(stage.get("fit_view"));
    const state = fit.state ?? "idle";
    const share = clamp(fit.progress || 0, 0, 1);
    progress.dataset.state = state;
    progress.setAttribute("aria-valuenow", Math.round(100 * share));
    bar.style.transform = `scaleX(${share})`;
    write(line, fit.line || (state === "idle" ? "Not fitted yet." : state));
    line.title = fit.line ?? "";
    write(left, fit.left);
    const other = state !== "idle" && Boolean(fit.key) && fit.key !== stage.get("plan_view").key;
    belonging.hidden = !other;
    write(belongs, other ? `This curve belongs to: ${fit.design ?? "another design"}` : "");
    write(saved, fit.saved);
    saved.title = fit.saved ?? "";
    write(keeps, fit.keeps);
    keeps.title = fit.keeps ?? "";
    belongs.title = fit.design ?? "";
  });
  return box;
}

// ---------------------------------------------------------------- fit: curves

const NICE = [1, 2, 5];

/** Steps of 1, 2 or 5 times a power of ten, at most `most` of them between two numbers. */
function linearTicks(low, high, most) {
  const raw = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw * 0.999) ?? 10 * power;
  const ticks = [];
  for (let n = Math.floor(low / step + 1e-9); n * step < high + step * 0.999; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += 1) {
    for (const n of NICE) ticks.push(Number(`${n}e${p}`));
  }
  // The axis ends at ticks, so that it moves seldom while the curve grows.
  const from = ticks.findLastIndex((tick) => tick <= low * 1.001);
  const to = ticks.findIndex((tick) => tick >= high * 0.999);
  return ticks.slice(Math.max(0, from), to < 0 ? undefined : to + 1);
}

/** Of many ticks the powers of ten alone, and of many of those every second, third, … */
function fewPowers(ticks) {
  const powers = ticks.filter((tick) => tick.toExponential().startsWith("1e"));
  const every = Math.ceil(powers.length / 7);
  return powers.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
}

/** A tick's label: what is huge or tiny by its exponent, so that it stays short. */
function tickLabel(value) {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e4)) return plain(value);
  const [digits, power] = Number(value.toPrecision(4)).toExponential().split("e");
  return minus(digits) + "e" + minus(power.replace("+", ""));
}

/** The vertical axis of some numbers: where a value lies between 0 and 1, and the ticks. */
function verticalAxis(values, logFrom = LOG_FROM) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  if (low > 0 && high / low > logFrom) {
    const ticks = logTicks(low, high);
    const [a, b] = [Math.log(ticks[0]), Math.log(ticks.at(-1))];
    return { ticks: ticks.length > 10 ? fewPowers(ticks) : ticks, at: (value) => (Math.log(value) - a) / (b - a || 1) };
  }
  const ticks = linearTicks(low, high === low ? low * 1.1 || 1 : high, 5);
  return { ticks, at: (value) => (value - ticks[0]) / (ticks.at(-1) - ticks[0] || 1) };
}

/** While a fit runs the axis of epochs ends at a round number ahead of it. */
function lastEpoch(reached, running) {
  if (!running) return Math.max(1, reached);
  for (let power = 1; ; power *= 10) {
    const end = [5, 10, 20, 30].map((n) => n * power).find((n) => n >= reached);
    if (end) return end;
  }
}

/** A path through the points that are there; a point alone becomes a dot. */
function pathOf(points) {
  const parts = [];
  let open = false;
  points.forEach(([x, y], index) => {
    if (!finite(y)) {
      open = false;
      return;
    }
    const alone = !open && !finite(points[index + 1]?.[1]);
    parts.push(`${open ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}${alone ? "h0.01" : ""}`);
    open = true;
  });
  return parts.join("");
}

/** Labels at their heights, pushed apart as far as they must be. */
function spread(heights, gap, low, high) {
  const order = heights.map((y, index) => ({ y: clamp(y, low, high), index })).sort((a, b) => a.y - b.y);
  order.forEach((item, i) => { if (i) item.y = Math.max(item.y, order[i - 1].y + gap); });
  for (let i = order.length - 1; i >= 0; i -= 1) {
    order[i].y = Math.min(order[i].y, i === order.length - 1 ? high : order[i + 1].y - gap);
  }
  const placed = [];
  for (const { y, index } of order) placed[index] = y;
  return placed;
}

function curveView(stage) {
  const drawing = s("g");
  const rule = s("g", { class: "cnn-rule" });
  const svg = s("svg", { class: "cnn-curve", role: "img", tabindex: "0", "data-lm-suppress-shortcuts": "true" }, drawing, rule);
  const epoch = h("span", { class: "cnn-legend-epoch" });
  const training = h("span", { class: "cnn-key", "data-line": "train" });
  const validation = h("span", { class: "cnn-key", "data-line": "validation" });
  const box = h("div", { class: "cnn-curve-box" }, h("p", { class: "cnn-readout cnn-legend" }, epoch, training, validation), svg);
  let frame = null; // where things lie, for the pointer
  let hovered = null;
  const ruler = document.createElement("canvas").getContext("2d");
  const widest = (words) => Math.ceil(Math.max(0, ...words.map((word) => ruler.measureText(word).width)));

  /** Where things lie: labels get the room they need, the title of the axis 18 px beside them. */
  function layout(fit, labels) {
    ruler.font = `11px ${getComputedStyle(box).fontFamily}`;
    const width = Math.max(240, svg.clientWidth || box.clientWidth || 480);
    const height = svg.clientHeight || 250;
    const baselines = (fit.baselines ?? []).filter(({ value }) => finite(value) && value > 0);
    const outside = width >= 440;
    const longest = widest(baselines.flatMap(({ name, value }) => [name, number(value)]));
    const right = outside && baselines.length ? Math.min(150, longest + 14) : 12;
    const left = Math.max(56, 18 + widest(labels) + 7);
    return { width, height, baselines, outside, left, right: width - right, top: 10, bottom: height - 38 };
  }

  function draw() {
    const fit = stage.get("fit_view");
    const { epoch: epochs = [], train = [], valid } = fit.curve ?? {};
    const live = fit.live ?? [];
    const usable = (value) => finite(value) && value > 0;
    const losses = [...train, ...(valid ?? []), ...live.map(([, loss]) => loss)];
    const values = [...losses, ...(fit.baselines ?? []).map(({ value }) => value)].filter(usable);
    const started = epochs.length > 0 || live.length > 0;
    const axis = verticalAxis(values);
    const labels = axis.ticks.map(tickLabel);
    const area = layout(fit, labels);
    const { width, height, left, right, top, bottom } = area;
    const end = lastEpoch(Math.max(0, epochs.at(-1) ?? 0, live.at(-1)?.[0] ?? 0), RUNNING.has(fit.state));
    const x = (value) => left + ((right - left) * value) / end;
    const y = (value) => (usable(value) ? bottom - (bottom - top) * axis.at(value) : null);

    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    const text = (className, at, words, anchor) =>
      drawing.appendChild(s("text", { class: className, x: at[0], y: at[1], "text-anchor": anchor }, words));
    const line = (className, x1, y1, x2, y2) => drawing.appendChild(s("line", { class: className, x1, y1, x2, y2 }));

    if (values.length) {
      axis.ticks.forEach((tick, i) => {
        line("cnn-grid", left, y(tick) ?? bottom, right, y(tick) ?? bottom);
        text("cnn-tick", [left - 7, (y(tick) ?? bottom) + 4], labels[i], "end");
      });
    }
    if (started) {
      for (const tick of linearTicks(0, end, Math.min(10, (right - left) / 48))) {
        if (tick > end || !Number.isInteger(tick)) continue;
        line("cnn-axis", x(tick), bottom, x(tick), bottom + 4);
        text("cnn-tick", [x(tick), bottom + 16], String(tick), "middle");
      }
    }
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], "epoch", "middle");
    const measure = text("cnn-axis-label", [0, 0], fit.measure || "loss", "middle");
    measure.setAttribute("transform", `translate(11 ${(top + bottom) / 2}) rotate(-90)`);
    if (!started) text("cnn-empty", [(left + right) / 2, (top + bottom) / 2], emptyWords(fit), "middle");

    drawBaselines(area, y, line, text);
    const path = (name, points) => drawing.append(s("path", { "data-line": name, d: pathOf(points) }));
    if (live.length) path("live", live.map(([at, loss]) => [x(at), y(loss)]));
    if (epochs.length) path("train", epochs.map((at, i) => [x(at), y(train[i])]));
    if (epochs.length && valid) path("validation", epochs.map((at, i) => [x(at), y(valid[i])]));
    const best = fit.best;
    const bestLoss = best == null ? null : (valid ?? train)[best];
    if (usable(bestLoss)) {
      const ring = s("circle", { class: "cnn-best", cx: x(epochs[best]), cy: y(bestLoss), r: 5 });
      ring.append(s("title", {}, `best epoch: ${epochs[best]}, ${number(bestLoss)}`));
      drawing.append(ring);
    }
    frame = { epochs, train, valid, x, y, top, bottom, left, right, end, best };
    readout();
  }

  const emptyWords = ({ state }) => {
    if (!state || state === "idle") return "Press Fit: loss curves grow here.";
    return state === "stopped" ? "Stopped within epoch 1: no curve yet." : "No epoch yet.";
  };

  function drawBaselines({ baselines, outside, right, left, top, bottom }, y, line, text) {
    const heights = baselines.map(({ value }) => y(value));
    const order = [...heights].sort((a, b) => a - b);
    // Inside the frame the first label stands above its line and the last one below.
    const wanted = outside ? heights : heights.map((at) => (at === order[0] ? at - 4 : at === order.at(-1) ? at + 12 : at - 4));
    const placed = spread(wanted, outside ? 29 : 13, top + 9, bottom - (outside ? 16 : 4));
    baselines.forEach(({ name, value }, index) => {
      line("cnn-baseline", left, heights[index], right, heights[index]).dataset.name = name;
      const at = placed[index];
      if (outside) {
        line("cnn-leader", right + 1, heights[index], right + 8, at);
        text("cnn-baseline-name", [right + 11, at + 1], name, "start");
        text("cnn-baseline-value", [right + 11, at + 14], number(value), "start");
      } else text("cnn-baseline-name", [right - 3, at], `${name} ${number(value)}`, "end");
    });
  }

  /** One line that always stands there: the epoch under the pointer, else the last one. */
  function readout() {
    const { epochs, train, valid, x, y, top, bottom, best } = frame;
    const last = epochs.length - 1;
    const index = hovered == null ? last : clamp(hovered, 0, last);
    rule.replaceChildren();
    const mark = index === best && index >= 0 ? " (best)" : "";
    write(epoch, index < 0 ? "" : `epoch ${epochs[index]}${mark}`);
    write(training, `training ${index < 0 ? "" : number(train[index])}`);
    write(validation, `validation ${index < 0 ? "" : number(valid?.[index])}`);
    validation.hidden = index >= 0 && !valid;
    box.classList.toggle("cnn-without", index < 0);
    const losses = `training ${number(train[last])}${valid ? `, validation ${number(valid[last])}` : ""}`;
    svg.setAttribute("aria-label", last < 0 ? "Loss curves: none yet" : `Loss curves, last epoch ${epochs[last]}: ${losses}`);
    if (hovered == null || index < 0) return;
    const at = x(epochs[index]);
    rule.append(s("line", { x1: at, x2: at, y1: top, y2: bottom }));
    for (const [name, series] of [["train", train], ["validation", valid]]) {
      const height = series && y(series[index]);
      if (finite(height)) rule.append(s("circle", { "data-line": name, cx: at, cy: height, r: 3 }));
    }
  }

  function point(index) {
    hovered = index;
    if (frame) readout();
  }
  svg.addEventListener("pointermove", (event) => {
    if (!frame?.epochs.length) return;
    const seen = svg.getBoundingClientRect();
    const across = (event.clientX - seen.left) * (svg.viewBox.baseVal.width / seen.width);
    const value = ((across - frame.left) / (frame.right - frame.left)) * frame.end;
    let nearest = 0;
    frame.epochs.forEach((each, i) => {
      if (Math.abs(each - value) < Math.abs(frame.epochs[nearest] - value)) nearest = i;
    });
    point(nearest);
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !frame?.epochs.length) return;
    event.preventDefault();
    const last = frame.epochs.length - 1;
    point(clamp((hovered ?? last) + step, 0, last));
  });
  stage.resized.push(stage.view("curve", box, ["fit_view"], draw));
  return box;
}

// ---------------------------------------------------------------- fit: what came out

function resultView(stage) {
  const verdict = h("p", { class: "cnn-verdict", "aria-live": "polite", hidden: true });
  const advice = h("div", { class: "cnn-advices" });
  const split = h("p", { class: "cnn-split", hidden: true });
  const unit = h("span", { class: "cnn-soft" });
  const head = h("tr");
  const body = h("tbody");
  const skill = h("details", { class: "cnn-skill", hidden: true },
    h("summary", {}, "Skill by lead time"), unit, h("table", {}, h("thead", {}, head), body));
  const box = h("section", { class: "cnn-results", "aria-label": "Results" },
    h("div", { class: "cnn-said" }, verdict, advice, split), skill);
  let leadsBefore = null;

  function drawSkill(table) {
    skill.hidden = !table?.leads?.length;
    if (skill.hidden) return;
    const { leads, names, errors, skill: skills = [] } = table;
    if (leads.length !== leadsBefore) skill.open = leads.length <= 6;
    leadsBefore = leads.length;
    write(unit, table.unit);
    fill(head, ["lead", ...names, "skill"], () => h("th", { scope: "col" }), write);
    const named = (lead) => (String(lead).startsWith("+") ? String(lead) : `+${lead}`);
    const rows = leads.map((lead, i) => [named(lead), ...errorsAt(errors, i, names.length), percent(skills[i])]);
    // Below them a line for each figure over all leads; what it means is told when it is pointed at.
    const figures = table.figures ?? [];
    const over = figures.map(({ name, values }) => [`all (${name})`, ...values.map((each) => number(each)), ""]);
    fill(body, [...rows, ...over], () => h("tr"), (tr, texts, i) => {
      fill(tr, texts, () => h("td"), write);
      tr.title = figures[i - leads.length]?.meaning ?? "";
      const worse = i < leads.length && finite(skills[i]) && skills[i] <= 0;
      tr.lastElementChild.classList.toggle("cnn-worse", worse);
    });
  }
  // A list for each name, each with a number for every lead.
  const errorsAt = (errors, lead, many) => Array.from({ length: many }, (_, name) => number(errors[name]?.[lead]));
  const percent = (share) => (finite(share) ? `${minus((100 * share).toFixed(0))} %` : "–");

  stage.view("results", box, ["fit_view", "data_view"], () => {
    const fit = stage.get("fit_view");
    writeOrHide(verdict, fit.verdict);
    verdict.dataset.good = String(fit.good ?? "");
    writeOrHide(split, fit.split || stage.get("data_view").split);
    fill(advice, fit.advice ?? [], () => h("p", { class: "cnn-advice" }), write);
    drawSkill(fit.skill);
  });
  return box;
}

// ---------------------------------------------------------------- pictures of fields

/** 256 colours as the words that an ImageData takes; greys until Python has sent a colour map. */
function paletteOf(bytes) {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const [r, g, b] = bytes.length >= 768 ? bytes.subarray(3 * i, 3 * i + 3) : [i, i, i];
    words[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return words;
}

const NO_VALUE = 0xff8c8c8c; // grey, which is none of the colours of a value

/** Where there may be no value, a byte of 0 is none; 1 is the lowest and 255 the highest. */
const shareOf = (byte) => (byte ? (byte - 1) / 254 : NaN);

/** One field: an image for two axes, lines for one; a cross where the pointer is. */
function makePicture(name, title, onPoint) {
  const canvas = h("canvas", { "data-frame": name, width: 1, height: 1, role: "img" });
  const plot = s("svg", { class: "cnn-plot", viewBox: "0 0 1000 1000", preserveAspectRatio: "none" });
  const across = h("i", { class: "cnn-cross" });
  const along = h("i", { class: "cnn-cross" });
  const empty = h("p", { class: "cnn-hint", hidden: true });
  const caption = h("figcaption", {}, title);
  const area = h("div", { class: "cnn-area" }, canvas, plot, empty, across, along);
  const box = h("figure", { class: "cnn-frame", "data-of": name }, caption, area);
  let size = [1, 1];

  /** The image keeps its aspect inside the area: where it starts and how large a pixel is. */
  function place() {
    const [high, wide] = size;
    if (!plot.hasAttribute("hidden")) return { x: 0, y: 0, px: area.clientWidth / wide, py: area.clientHeight };
    const px = Math.min(area.clientWidth / wide, area.clientHeight / high);
    return { x: (area.clientWidth - px * wide) / 2, y: (area.clientHeight - px * high) / 2, px, py: px };
  }
  area.addEventListener("pointermove", (event) => {
    const { x, y, px, py } = place();
    const from = area.getBoundingClientRect();
    const [row, column] = [Math.floor((event.clientY - from.top - y) / py), Math.floor((event.clientX - from.left - x) / px)];
    onPoint(row >= 0 && column >= 0 && row < size[0] && column < size[1] ? [row, column] : null);
  });
  area.addEventListener("pointerleave", () => onPoint(null));

  return {
    box, canvas, caption,
    image(bytes, high, wide, palette) {
      size = [high, wide];
      plot.setAttribute("hidden", "");
      canvas.hidden = false;
      if (canvas.width !== wide) canvas.width = wide;
      if (canvas.height !== high) canvas.height = high;
      const words = new Uint32Array(high * wide);
      for (let i = 0; i < words.length; i += 1) words[i] = palette[bytes[i]];
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(words.buffer), wide, high), 0, 0);
    },
    lines(series, wide, share = (byte) => byte / 255) {
      size = [1, wide];
      plot.removeAttribute("hidden");
      canvas.hidden = true;
      plot.replaceChildren(...series.map(([of, bytes]) => s("path", { "data-line": of,
        d: pathOf(Array.from(bytes, (byte, i) => [((i + 0.5) * 1000) / wide, 985 - share(byte) * 970])) })));
    },
    nothing(why) {
      writeOrHide(empty, why);
      if (why) {
        plot.setAttribute("hidden", "");
        canvas.hidden = true;
      }
    },
    mark(point) {
      across.hidden = along.hidden = !point || !empty.hidden;
      if (along.hidden) return;
      const { x, y, px, py } = place();
      along.style.cssText = `left:${x + (point[1] + 0.5) * px}px;top:${y}px;width:1px;height:${py * size[0]}px`;
      across.hidden = size[0] === 1;
      across.style.cssText = `left:${x}px;top:${y + (point[0] + 0.5) * py}px;width:${px * size[1]}px;height:1px`;
    },
  };
}

/** The colours with the values at their ends: of the field, and of the error on the same span. What
    stands above them shares their axis. */
function makeColourBar(withError, above = null) {
  const canvas = h("canvas", { width: 256, height: 1, role: "img", "aria-label": "colours" });
  const ends = [0, 1, 2, 3].map(() => h("span"));
  const scale = h("div", { class: "cnn-scale" }, ...(above ? [above] : []), canvas);
  const box = h("div", { class: "cnn-colours" }, ends[0], scale, ends[1]);
  if (withError) box.append(ends[2], ends[3]);
  return {
    box,
    draw(palette, low, high, told = [plain(low), plain(high)]) {
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(palette.slice().buffer), 256, 1), 0, 0);
      write(ends[0], told[0]);
      write(ends[1], told[1]);
      write(ends[2], "error 0");
      write(ends[3], plain(high - low));
    },
  };
}

/** How often values occur, from the lowest to the highest. */
function makeHistogram() {
  const bars = s("path");
  const title = s("title");
  const box = s("svg", { class: "cnn-histogram", preserveAspectRatio: "none", role: "img" }, title, bars);
  return {
    box,
    draw({ histogram: counts, low, high, ends, digits }) {
      box.toggleAttribute("hidden", !counts.length);
      const most = Math.max(...counts, 1);
      box.setAttribute("viewBox", `0 0 ${counts.length || 1} 100`);
      // What occurs at all can be seen, however seldom it is.
      bars.setAttribute("d", counts.map((count, i) => {
        const top = count ? Math.min(97, 100 - (100 * count) / most) : 100;
        return `M${i},100V${top.toFixed(1)}H${i + 1}V100Z`;
      }).join(""));
      const at = counts.indexOf(most);
      const edge = (i) => plain(low + (i / counts.length) * (high - low), digits);
      write(title, `Histogram of the values shown, from ${ends[0]} to ${ends[1]}; `
        + `most are between ${edge(at)} and ${edge(at + 1)}.`);
      box.setAttribute("aria-label", title.textContent);
    },
  };
}

/** Frames as stored: how many pixels, how the channels are named; a volume's slices are channels. */
function shapeOf({ size = [], channels = ["0"] }) {
  const slices = size.length > 2 ? total(size.slice(0, -2)) : 1;
  const [high, wide] = size.length === 1 ? [1, size[0]] : size.slice(-2);
  const sliced = (name) => Array.from({ length: slices }, (_, i) => `${name}, slice ${i}`);
  const names = slices === 1 ? channels : channels.flatMap(sliced);
  return { high, wide, pixels: high * wide, names, flat: size.length === 1 };
}

/** A place by its numbers in the data, of which the page may have one in some. */
const placeWords = ([row, column], flat, step = 1) => (flat ? `position ${column * step}` : `row ${row * step}, column ${column * step}`);

/** The pointer's keys: arrows move the cross over a field of this shape. */
function crossKeys(box, shape, current, onPoint) {
  box.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const known = shape();
    if (event.target !== box || !step || !known) return;
    event.preventDefault();
    const [row, column] = current() ?? [Math.floor(known.high / 2), Math.floor(known.wide / 2)];
    onPoint([clamp(row + step[0], 0, known.high - 1), clamp(column + step[1], 0, known.wide - 1)]);
  });
  box.addEventListener("blur", () => onPoint(null));
}

// ---------------------------------------------------------------- fit: truth, prediction, error

function framesView(stage) {
  let point = null;
  const onPoint = (at) => { point = at; mark(); };
  const pictures = [["truth", "truth"], ["prediction", "prediction"], ["error", "error |p − t|"]]
    .map(([name, title]) => makePicture(name, title, onPoint));
  const trio = h("div", {
    class: "cnn-frames", tabindex: "0", role: "group", "aria-label": "Truth, prediction and error; arrows move a cross",
  }, ...pictures.map(({ box }) => box));
  const colours = makeColourBar(true);
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const said = h("p", { class: "cnn-readout" });
  const sample = h("select", { class: "cnn-sample", onchange: () => redraw() });
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const lead = h("input", { type: "range", class: "cnn-lead", min: 0, max: 0, step: 1, value: 0, oninput: () => redraw() });
  const leadName = h("output", { class: "cnn-value" });
  const player = makePlayer(stage, () => {
    lead.value = lead.valueAsNumber >= Number(lead.max) ? 0 : lead.valueAsNumber + 1;
    redraw();
  });
  const channelField = labelled("channel", channel);
  const body = h("div", { class: "cnn-shown" }, trio, h("div", { class: "cnn-under" }, said, colours.box),
    h("div", { class: "cnn-controls-row" }, player.button, labelled("lead time", lead, "cnn-grow"), leadName),
    h("div", { class: "cnn-controls-row" }, labelled("sample", sample, "cnn-grow"), channelField));
  const empty = h("p", { class: "cnn-hint cnn-tall" }, "No prediction yet: it comes with the first epochs of a fit.");
  const box = h("div", { class: "cnn-pane" }, empty, body);
  let shown = null; // the newest view whose bytes are all there
  let shape = null;
  let drawn = null; // the bytes on the screen

  /** A view may come shortly before its bytes: until they match, the old picture stays. */
  function take() {
    const view = stage.get("frames_view");
    if (!view.size) {
      shown = null;
      return;
    }
    const of = shapeOf(view);
    const wanted = view.samples.length * view.leads.length * of.names.length * of.pixels;
    const [truth, prediction] = [stage.bytes("truth"), stage.bytes("prediction")];
    if (prediction.length !== wanted || (truth.length !== wanted && view.has_truth.some(Boolean))) return;
    shown = { view, truth, prediction };
    shape = of;
  }

  function draw() {
    take();
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    const { view, truth, prediction } = shown;
    options(sample, view.samples);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    lead.max = view.leads.length - 1;
    player.button.disabled = view.leads.length < 2;
    const [i, j, k] = [Math.max(0, sample.selectedIndex), lead.valueAsNumber, Math.max(0, channel.selectedIndex)];
    write(leadName, view.leads[j]);
    lead.setAttribute("aria-valuetext", view.leads[j]);
    const at = ((i * view.leads.length + j) * shape.names.length + k) * shape.pixels;
    const known = Boolean(view.has_truth[i]);
    const p = prediction.subarray(at, at + shape.pixels);
    const t = known ? truth.subarray(at, at + shape.pixels) : null;
    const [low, high] = view.ranges?.[k] ?? [view.low, view.high];
    const share = view.empty ? shareOf : (byte) => byte / 255;
    // Of what has no value there is no error, either.
    const errorOf = view.empty ? (a, b) => (a && b ? 1 + Math.abs(a - b) : 0) : (a, b) => Math.abs(a - b);
    const e = t && Uint8Array.from(p, (byte, n) => errorOf(byte, t[n]));
    drawn = { p, t, e, low, high, share, note: `${view.samples[i]}, lead time ${view.leads[j]}` };
    const ofValues = paletteOf(stage.bytes("colours"));
    const palette = ofValues.slice();
    if (view.empty) palette[0] = NO_VALUE;
    writeOrHide(nothing, view.empty);
    trio.classList.toggle("cnn-flat", shape.flat);
    if (shape.flat) drawLines();
    else drawImages(palette);
    colours.box.hidden = shape.flat;
    colours.draw(ofValues, low, high);
    mark();
  }

  const MISSING = "no truth: beyond the data";

  /** No higher than three fields side by side need to be, so that what is below stays close. */
  function fit() {
    const wide = (trio.clientWidth - 16) / 3;
    trio.style.maxHeight = shape && !shape.flat && wide > 0 ? `${Math.ceil((wide * shape.high) / shape.wide) + 18}px` : "";
  }
  stage.resized.push(() => {
    if (shown) fit();
    mark();
  });

  function drawImages(palette) {
    fit();
    [drawn.t, drawn.p, drawn.e].forEach((bytes, n) => {
      pictures[n].nothing(bytes ? "" : MISSING);
      if (bytes) pictures[n].image(bytes, shape.high, shape.wide, palette);
      pictures[n].canvas.setAttribute("aria-label", `${pictures[n].caption.textContent}: ${drawn.note}`);
    });
    write(pictures[0].caption, "truth");
    write(pictures[2].caption, "error |p − t|");
  }

  function drawLines() {
    const { p, t, e, low, high, share } = drawn;
    pictures[0].nothing("");
    pictures[0].lines([...(t ? [["truth", t]] : []), ["prediction", p]], shape.wide, share);
    fit();
    pictures[2].nothing(e ? "" : MISSING);
    if (e) pictures[2].lines([["error", e]], shape.wide, share);
    write(pictures[2].caption, `error |p − t|, 0 to ${plain(high - low)}`);
    write(pictures[0].caption, `${t ? "truth (grey), " : ""}prediction (blue), ${plain(low)} to ${plain(high)}`);
  }

  function mark() {
    if (!shown) return;
    const { t, p, e, low, high, share } = drawn;
    const n = point && point[0] * shape.wide + point[1];
    const value = (byte, from = low) => (finite(share(byte)) ? number(from + share(byte) * (high - low)) : "no value");
    for (const picture of pictures) picture.mark(point);
    if (!point || n >= shape.pixels) {
      write(said, "");
      return;
    }
    const guess = `prediction ${value(p[n])}`;
    const words = t ? `truth ${value(t[n])}, ${guess}, error ${value(e[n], 0)}` : guess;
    write(said, `${placeWords(point, shape.flat)}: ${words}`);
  }

  crossKeys(trio, () => shown && shape, () => point, onPoint);
  const redraw = stage.view("prediction", box, ["frames_view", "truth", "prediction", "colours"], draw);
  return { box, stop: player.stop };
}

// ---------------------------------------------------------------- the data

function dataView(stage) {
  let point = null;
  const onPoint = (at) => { point = at; mark(); };
  const picture = makePicture("data", "", onPoint);
  const course = h("canvas", { class: "cnn-course", width: 1, height: 1, role: "img", "aria-label": "all frames, time downwards" });
  const figure = h("div", { class: "cnn-data", tabindex: "0", role: "group", "aria-label": "Data; arrows move a cross" }, picture.box, course);
  const histogram = makeHistogram();
  const colours = makeColourBar(false, histogram.box);
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const line = h("p", { class: "cnn-data-line" });
  const facts = h("dl", { class: "cnn-data-facts" });
  const said = h("p", { class: "cnn-readout" });
  const above = h("p", { class: "cnn-hint" }, "histogram of the values");
  const time = h("input", { type: "range", class: "cnn-time", min: 0, max: 0, step: 1, value: 0, oninput: () => redraw() });
  const timeName = h("output", { class: "cnn-value cnn-time-value" });
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const channelField = labelled("channel", channel);
  const marker = h("i", { class: "cnn-marker" });
  const around = h("div", { class: "cnn-window" });
  const parts = h("div", { class: "cnn-parts" });
  const timeline = h("div", { class: "cnn-timeline", role: "img" }, around, parts, marker);
  const legend = h("p", { class: "cnn-part-names" });
  const player = makePlayer(stage, () => {
    time.value = time.valueAsNumber >= Number(time.max) ? 0 : time.valueAsNumber + 1;
    redraw();
  });
  const body = h("div", { class: "cnn-shown" }, line, facts,
    figure, h("div", { class: "cnn-under cnn-measured" }, h("div", { class: "cnn-said-above" }, said, above), colours.box),
    h("div", { class: "cnn-controls-row" }, player.button, labelled("time", time, "cnn-grow"), timeName, channelField),
    timeline, legend);
  const empty = h("p", { class: "cnn-hint cnn-tall" }, "No data yet.");
  const box = h("div", { class: "cnn-pane" }, empty, body);
  let shown = null;
  let shape = null;
  let now = null;
  let scale = null; // of the channel that is shown

  function draw() {
    const view = stage.get("data_view");
    const bytes = stage.bytes("data_frames");
    const of = shapeOf(view);
    const wanted = (view.shown?.length ?? 0) * of.names.length * of.pixels;
    if (!view.size) shown = null;
    else if (wanted && bytes.length === wanted) {
      if (shown?.view.name !== view.name) time.value = 0; // other data begin at their beginning
      [shown, shape] = [{ view, bytes }, of];
    }
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    drawFrame(shown.view, shown.bytes);
    drawTimeline(shown.view);
    mark();
  }

  function drawFrame(view, bytes) {
    const palette = paletteOf(stage.bytes("colours"));
    const ofValues = palette.slice();
    palette[0] = NO_VALUE;
    write(line, [view.name, view.line].filter(Boolean).join(": "));
    line.title = line.textContent;
    fill(facts, view.facts ?? [], () => h("div", {}, h("dt"), h("dd")), (fact, { label, value }) => {
      fact.dataset.fact = label;
      write(fact.children[0], label);
      write(fact.children[1], value);
      fact.title = `${label}: ${value}`;
      fact.classList.toggle("cnn-missing", label === "missing" && view.missing > 0);
    });
    writeOrHide(nothing, view.empty);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    time.max = view.shown.length - 1;
    const k = Math.max(0, channel.selectedIndex);
    scale = view.scales[k];
    histogram.draw(scale);
    above.hidden = !scale.histogram.length;
    const frameAt = (i) => {
      const at = (i * shape.names.length + k) * shape.pixels;
      return bytes.subarray(at, at + shape.pixels);
    };
    now = frameAt(time.valueAsNumber);
    course.hidden = !shape.flat;
    figure.classList.toggle("cnn-flat", shape.flat);
    colours.draw(ofValues, scale.low, scale.high, scale.ends);
    if (shape.flat) {
      picture.lines([["truth", now]], shape.wide, shareOf);
      drawCourse(view.shown.length, frameAt, palette);
    } else picture.image(now, shape.high, shape.wide, palette);
    const both = `the frame, ${scale.ends.join(" to ")}; below it all frames, time downwards`;
    write(picture.caption, shape.flat ? both : "");
    picture.canvas.setAttribute("aria-label", `${view.name}, ${whenWords(view)}`);
  }

  /** A frame by its number and, where there is one, its date. */
  function whenWords({ shown: numbers, times = [] }, i = time.valueAsNumber) {
    return [`frame ${numbers[i]}`, times[i]].filter(Boolean).join(", ");
  }

  /** Data of one axis as space over time, as one is used to see waves. */
  function drawCourse(steps, frameAt, palette) {
    const words = new Uint32Array(steps * shape.wide);
    for (let i = 0; i < steps; i += 1) frameAt(i).forEach((byte, n) => { words[i * shape.wide + n] = palette[byte]; });
    course.width = shape.wide;
    course.height = steps;
    course.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(words.buffer), shape.wide, steps), 0, 0);
  }

  function drawTimeline(view) {
    const at = view.shown[time.valueAsNumber];
    const part = (view.parts ?? []).find(({ from, to }) => at >= from && at < to);
    const share = (step) => `${(100 * step) / (view.steps || 1)}%`;
    write(timeName, [whenWords(view), part?.name].filter(Boolean).join(", "));
    time.setAttribute("aria-valuetext", timeName.textContent);
    // As wide as its longest text, so that the slider keeps its length while frames play.
    timeName.style.minWidth = `${whenWords(view, view.shown.length - 1).length + 11}ch`;
    drawWindow(view, at, share);
    marker.style.left = share(at + 0.5);
    fill(parts, view.parts ?? [], () => h("i"), (bar, { name, from, to }) => {
      bar.dataset.part = name;
      bar.title = `${name}: frames ${from} to ${to - 1}`;
      bar.style.left = share(from);
      bar.style.width = share(to - from);
    });
    const named = (view.parts ?? []).filter(({ name }, i, all) => all.findIndex((other) => other.name === name) === i);
    const lengths = view.window ? ["history", "horizon"].map((name) => ({ name, length: view.window[name] })) : [];
    fill(legend, [...lengths, ...named], () => h("span"), (item, { name, length, from, to }) => {
      item.dataset.part = name;
      write(item, length ? `${name} ${length}` : name === "gap" ? "gap" : `${name} ${from}–${to - 1}`);
    });
  }

  /** The window that ends its history with the frame shown, or the nearest one there is. */
  function drawWindow({ window: lengths, steps }, at, share) {
    const { history = 0, horizon = 0 } = lengths ?? {};
    const from = clamp(at + 1 - history, 0, steps - history - horizon);
    const strokes = lengths ? [["history", from, from + history], ["horizon", from + history, from + history + horizon]] : [];
    const words = strokes.map(([name, first, end]) => `${name}: frames ${first} to ${end - 1}`);
    fill(around, strokes, () => h("i"), (stroke, [name, first, end], i) => {
      stroke.dataset.part = name;
      stroke.title = words[i];
      stroke.style.left = share(first);
      stroke.style.width = share(end - first);
    });
    timeline.setAttribute("aria-label", ["All frames in time", ...words].join("; "));
  }

  function mark() {
    if (!shown) return;
    picture.mark(point);
    const byte = point && now[point[0] * shape.wide + point[1]];
    const { low, high, ends, digits } = scale;
    const { units, step } = shown.view;
    // A byte tells one value in 254 from the next.
    const told = () => (low === high ? ends[0] : plain(low + shareOf(byte) * (high - low), digits));
    const value = () => (byte ? [told(), units].filter(Boolean).join(" ") : "no value");
    write(said, finite(byte) ? `${placeWords(point, shape.flat, step)}: ${value()}` : "");
  }

  crossKeys(figure, () => shown && shape, () => point, onPoint);
  const redraw = stage.view("data", box, ["data_view", "data_frames", "colours"], draw);
  return { box, stop: player.stop };
}

function fitView(stage) {
  const frames = framesView(stage);
  const data = dataView(stage);
  const tabs = makeTabs("Frames", [
    { id: "prediction", name: "Prediction", panel: frames.box }, { id: "data", name: "Data", panel: data.box }]);
  tabs.watch((id) => {
    (id === "data" ? frames : data).stop();
    for (const resize of stage.resized) resize();
  });
  const left = h("div", { class: "cnn-left-half" }, ...curvesAndChecks(stage));
  const right = h("div", { class: "cnn-right-half" }, h("div", { class: "cnn-bar" }, tabs.list), frames.box, data.box);
  const box = h("section", { class: "cnn-fit", "aria-label": "Fit" }, statusView(stage), left, right);
  let had = null;
  stage.view("frames", right, ["frames_view"], () => {
    // The first frames of a fit come to the front, once; without any there is the data.
    const has = Boolean(stage.get("frames_view").size);
    if (has !== had) tabs.select(has ? "prediction" : "data");
    had = has;
  });
  return box;
}

// ---------------------------------------------------------------- surroundings

/** Light or dark as the page looks, whatever tells it so: JupyterLab, Voila, the system. */
function followTheme(stage) {
  const look = () => {
    const [r, g, b, a = 1] = (getComputedStyle(stage.root).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (a > 0) stage.root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  };
  const watcher = new MutationObserver(look);
  for (const element of [document.body, document.documentElement]) {
    watcher.observe(element, { attributes: true });
  }
  stage.undo.push(() => watcher.disconnect());
  stage.listen(matchMedia("(prefers-color-scheme: dark)"), "change", look);
  return look;
}

const FOLD = ".jupyter-widget-Collapse-header"; // of a group that is folded away

/** The controls beside the stage are ipywidgets': here they get what they lack. */
function tendControls(stage) {
  const panel = stage.root.closest(".cnnwidget-panel");
  if (!panel) return false;
  keepKeys(stage, panel);
  commitReadouts(stage, panel);
  limitUploads(stage, panel);
  return true;
}

/** Sliders keep their arrow keys, which Notebook 7 takes for itself; folded groups open by keys. */
function keepKeys(stage, panel) {
  const mark = () => {
    for (const slider of panel.querySelectorAll(".noUi-handle, [role=slider], input[type=range]")) {
      if (slider.dataset.lmSuppressShortcuts) continue;
      slider.dataset.lmSuppressShortcuts = "true";
      // A handle has no name of its own; its label stands beside it.
      const label = slider.closest(".widget-inline-hbox")?.querySelector(".widget-label");
      if (label) slider.setAttribute("aria-label", label.textContent);
    }
    for (const header of panel.querySelectorAll(FOLD)) {
      header.tabIndex = 0;
      header.dataset.lmSuppressShortcuts = "true";
      header.setAttribute("role", "button");
      header.setAttribute("aria-expanded", header.parentElement.classList.contains("jupyter-widget-Collapse-open"));
    }
  };
  const watcher = new MutationObserver((changes) => {
    if (changes.some(({ target }) => !stage.root.contains(target))) mark();
  });
  watcher.observe(panel, { childList: true, subtree: true, attributeFilter: ["class"] });
  stage.undo.push(() => watcher.disconnect());
  stage.listen(panel, "keydown", (event) => {
    if (!event.target.matches(FOLD) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (!event.repeat) event.target.click();
  });
  mark();
}

/** A number typed beside a slider counts when it is left, too. ipywidgets means it to, but waits for
    a `blur` that bubbles, which those of browsers do not. */
function commitReadouts(stage, panel) {
  stage.listen(panel, "focusout", ({ target, relatedTarget }) => {
    if (!target.matches(".widget-readout")) return;
    target.dispatchEvent(new FocusEvent("blur", { bubbles: true, relatedTarget }));
  }, true);
}

/** Files too large are refused before they are read. The input of an upload is in no document: it
    is known only while its button clicks it, so that click is listened to, once for each press. */
function limitUploads(stage, panel) {
  const guarded = new WeakSet();
  function check(event) {
    const big = [...event.target.files].find(({ size }) => size > MOST_BYTES);
    if (!big) return;
    event.stopImmediatePropagation();
    event.target.value = "";
    const most = `an upload may have up to ${MOST_BYTES / 1e6} MB`;
    stage.send("say", { text: `${big.name} has ${(big.size / 1e6).toFixed(1)} MB; ${most}. `
      + "Put it beside the notebook and choose it by its path." });
  }
  stage.listen(panel, "click", (event) => {
    if (!event.target.closest(".widget-upload")) return;
    const { prototype } = HTMLInputElement;
    const own = Object.getOwnPropertyDescriptor(prototype, "click");
    const restore = () => (own ? Object.defineProperty(prototype, "click", own) : delete prototype.click);
    prototype.click = function click() {
      restore();
      if (this.type === "file" && !guarded.has(this)) {
        guarded.add(this);
        stage.listen(this, "change", check, true);
      }
      this.click();
    };
    setTimeout(restore);
  }, true);
}

/** What depends on the width or needs to be in the page: the first call comes with the first layout. */
function followSize(stage) {
  const look = followTheme(stage);
  let attached = false;
  const watcher = new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return;
    attached ||= tendControls(stage);
    look();
    const { width } = contentRect;
    stage.root.dataset.width = width < 460 ? "tiny" : width < 720 ? "narrow" : width < 1240 ? "medium" : "wide";
    for (const resize of stage.resized) resize();
  });
  watcher.observe(stage.root);
  stage.undo.push(() => watcher.disconnect());
}

function render({ model, el }) {
  const stage = openStage(model);
  stage.root.append(messagesView(stage), headerView(stage), notesView(stage), networkView(stage), fitView(stage), resultView(stage),
    runsView(stage));
  el.append(stage.root);
  followSize(stage);
  return () => {
    for (const act of stage.undo.reverse()) act();
    stage.root.remove();
  };
}

export default { render };
