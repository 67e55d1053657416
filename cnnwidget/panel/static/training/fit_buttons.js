// The buttons that start, stop and save a fit.

import { h, write } from "../shared/elements.js";
import { current, STARTS } from "./fit_state.js";

const PENDING_MS = 10000; // a button that nobody answers comes back

export const DOUBLE_MS = 600; // a second press this soon is half of a double click

export const UNHEARD = "No answer from the kernel: if it was restarted, run the cell again.";

export const WORDS = {
  fit: ["Fit", "Starting…"],
  stop: ["Stop", "Stopping…"],
  continue: ["Continue", "Starting…"],
  restart: ["Restart", "Starting…"],
  save: ["Save run", "Saving…"],
};

/** Buttons that say at once that they were pressed, and wait until Python's state moves on. */
export function makeActions(stage, redraw) {
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
      type: "button",
      class: "cnn-button",
      "data-op": op,
      onclick: () => press(op),
    }));
    write(button, WORDS[op][mine ? 1 : 0]);
    button.disabled = mine || (pending && op !== "stop") || (op === "fit" && Boolean(blocked));
    return button;
  }
  stage.undo.push(() => clearTimeout(pending?.timer));
  return { show, unheard: () => Boolean(silent && same(silent)) };
}
