// What all views share. Python sends views (`plan_view`, `fit_view`, …) as plain values and the page
// draws them; the page answers by `intent` alone. A view names the traits it draws and is drawn anew,
// at most once an animation frame, when one of them changes.

import { h, write } from "./elements.js";

/**
 * @import { BytesTrait, Views } from "../views.d.ts"
 *
 * @typedef {ReturnType<typeof openStage>} Stage
 *
 * @typedef {object} Model the widget's model, as anywidget gives it
 * @property {(trait: string) => unknown} get
 * @property {(trait: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

const KEPT_OPERATIONS = 16;

/**
 * Bytes come as DataView; before the first they are null or empty.
 * @param {unknown} value
 */
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
}

/** @param {Model} model */
export function openStage(model) {
  const page = Math.random().toString(36).slice(2, 10);
  const root = h("div", { class: "cnnwidget-stage" });
  /** @type {(() => void)[]} */
  const cleanups = [];
  /** @type {Set<() => void>} */
  const dirty = new Set();
  /** @type {(() => void)[]} */
  const resized = [];
  /** @type {object[]} */
  const operations = [];
  let seq = 0;
  let frame = 0;

  /**
   * Listen to an element until the stage closes.
   * @param {EventTarget} target
   * @param {string} event
   * @param {(event: never) => unknown} act
   */
  function listen(target, event, act, capture = false) {
    const listener = /** @type {EventListener} */ (act);
    target.addEventListener(event, listener, capture);
    cleanups.push(() => target.removeEventListener(event, listener, capture));
  }

  /** @param {() => void} draw */
  function soon(draw) {
    dirty.add(draw);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const now = [...dirty];
      dirty.clear();
      for (const each of now) each();
    });
  }
  cleanups.push(() => cancelAnimationFrame(frame));

  /**
   * Draw a view now and whenever one of its traits changes. An error becomes a line in it.
   * @param {string} name
   * @param {Element} element
   * @param {(keyof Views | BytesTrait)[]} traits
   * @param {() => void} draw
   * @returns a function that draws the view soon
   */
  function view(name, element, traits, draw) {
    const broken = h("p", { class: "cnn-broken", role: "alert", hidden: true });
    element.append(broken);
    const safely = () => {
      try {
        draw();
        broken.hidden = true;
      } catch (error) {
        console.error(error);
        write(broken, `The ${name} could not be drawn: ${/** @type {Error} */ (error).message}`);
        broken.hidden = false;
      }
    };
    const redraw = () => soon(safely);
    for (const trait of traits) {
      model.on(`change:${trait}`, redraw);
      cleanups.push(() => model.off(`change:${trait}`, redraw));
    }
    safely();
    return redraw;
  }

  /**
   * Send an operation to Python.
   * @param {string} op
   * @param {object} details
   */
  function send(op, details = {}) {
    seq += 1;
    operations.push({ seq, op, ...details });
    model.set("intent", { page, ops: operations.slice(-KEPT_OPERATIONS) });
    model.save_changes();
  }

  return {
    root,
    cleanups,
    resized,
    listen,
    view,
    send,
    /**
     * @template {keyof Views} Trait
     * @param {Trait} trait
     */
    get: (trait) => /** @type {Partial<Views[Trait]>} */ (model.get(trait) ?? {}),
    /** @param {BytesTrait} trait */
    bytes: (trait) => bytesOf(model.get(trait)),
    link: makeLink(),
  };
}

/** Which layers are pointed at, by name: the plan, its picture and its problems show it together. */
function makeLink() {
  /** @typedef {(active: Set<string>, pinned: string | null, from: string | null) => void} Watcher */
  /** @type {Watcher[]} */
  const watchers = [];
  /** @type {string[]} */
  let hovered = [];
  /** @type {string | null} */
  let pinned = null;
  /** @param {string | null} from */
  const notify = (from) => {
    const active = new Set(hovered);
    if (pinned) active.add(pinned);
    for (const watch of watchers) watch(active, pinned, from);
  };
  return {
    /** @param {Watcher} act */
    watch: (act) => watchers.push(act),
    /**
     * @param {string[]} names
     * @param {string} from
     */
    hover(names, from) {
      if (String(names) === String(hovered)) return;
      hovered = names;
      notify(from);
    },
    /**
     * @param {string} name
     * @param {string} from
     */
    pin(name, from) {
      pinned = pinned === name ? null : name;
      notify(from);
    },
    again: () => notify(null),
  };
}
