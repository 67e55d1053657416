// The buttons that start, stop and save a fit.

import { h, write } from "../shared/elements.js";
import { withProgress } from "./fit_state.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { FitOperation } from "../views.d.ts"
 *
 * @typedef {object} Press a press that Python has not answered yet
 * @property {FitOperation} op
 * @property {string} before the state at the press
 * @property {number} timer
 */

const PENDING_MS = 10000; // a button that nobody answers comes back
export const DOUBLE_MS = 600; // a second press this soon is half of a double click

/** @type {ReadonlySet<FitOperation>} */
const STARTS = new Set(["fit", "continue", "restart"]);
export const NO_ANSWER = "No answer from the kernel: if it was restarted, run the cell again.";

/** @type {Record<FitOperation, [name: string, pending: string]>} */
const LABELS = {
  fit: ["Fit", "Starting…"],
  stop: ["Stop", "Stopping…"],
  continue: ["Continue", "Starting…"],
  restart: ["Restart", "Starting…"],
  save: ["Save run", "Saving…"],
};

/**
 * Buttons that show at once that they were pressed, and wait until Python's state moves on.
 * @param {Stage} stage
 * @param {() => void} redraw
 */
export function makeFitButtons(stage, redraw) {
  /** @type {Partial<Record<FitOperation, HTMLButtonElement>>} */
  const made = {};
  /** @type {Press | null} */
  let pending = null;
  /** @type {object[] | null} */
  let unanswered = null; // the views as they were at a press that nobody answered
  let started = -Infinity;
  const views = () => [stage.get("fit_view"), stage.get("messages_view")];
  /** @param {object[]} before */
  const same = (before) => views().every((view, i) => view === before[i]);
  const signature = () => {
    const { state, can, saved, blocked } = withProgress(stage.get("fit_view"));
    return JSON.stringify([state, can, saved, blocked, stage.get("messages_view").messages]);
  };
  /**
   * @param {FitOperation} op
   * @returns {void}
   */
  function press(op) {
    // Stop takes the place of the button that started: a double click there must not end the fit.
    if (op === "stop" && performance.now() - started < DOUBLE_MS) return;
    if (STARTS.has(op)) started = performance.now();
    clearTimeout(pending?.timer);
    unanswered = null;
    const before = views();
    const timer = setTimeout(() => {
      pending = null;
      if (same(before)) unanswered = before;
      redraw();
    }, PENDING_MS);
    pending = { op, before: signature(), timer };
    show(op);
    stage.send(op);
    redraw();
  }
  /**
   * The button of an operation, as it is now.
   * @param {FitOperation} op
   */
  function show(op) {
    const { state, blocked } = withProgress(stage.get("fit_view"));
    // A stop is waited for until it is heard, whatever else happens meanwhile.
    const unheard = pending?.op === "stop" && (state === "preparing" || state === "running");
    if (pending && !unheard && pending.before !== signature()) {
      clearTimeout(pending.timer);
      pending = null;
    }
    const waits = pending?.op === op || (op === "stop" && state === "stopping");
    const button = (made[op] ??= h("button", {
      type: "button",
      class: "cnn-button",
      "data-op": op,
      onclick: () => press(op),
    }));
    write(button, LABELS[op][waits ? 1 : 0]);
    button.disabled = waits || (pending !== null && op !== "stop") ||
      (op === "fit" && Boolean(blocked));
    return button;
  }
  stage.cleanups.push(() => clearTimeout(pending?.timer));
  return { show, unanswered: () => Boolean(unanswered && same(unanswered)) };
}
