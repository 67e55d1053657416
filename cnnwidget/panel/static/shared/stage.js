// What all views share: Python sends views (`plan_view`, `fit_view`, …) as plain values and the page
// draws them; the page answers by `intent` alone. A view names the traits it draws and is drawn anew,
// at most once an animation frame, when one of them changes.

import { bytesOf, h, write } from "./elements.js";

const KEPT_OPS = 16;

export function openStage(model) {
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
    root,
    undo,
    listen,
    view,
    send,
    resized,
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
