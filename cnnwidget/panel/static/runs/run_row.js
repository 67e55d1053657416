// A row of the table of runs, with its buttons.

import { h, s, write } from "../shared/elements.js";
import { formatNumber, formatPercent } from "../shared/numbers.js";
import { DOUBLE_MS } from "../training/fit_buttons.js";
import { stroke } from "./run_strokes.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { Run } from "../views.d.ts"
 * @import { RunLink } from "./run_link.js"
 *
 * @typedef {"name" | "params" | "macs" | "seconds" | "epochs" | "error" | "skill" | "ending"} Column
 * @typedef {ReturnType<typeof makeRunRow>} RunRow
 */

const LONGEST_RUN_NAME = 80;

/** @type {[column: Column, label: string][]} */
export const RUN_COLUMNS = [
  ["name", "run"],
  ["params", "parameters"],
  ["macs", "MACs"],
  ["seconds", "seconds"],
  ["epochs", "epochs"],
  ["error", "error"],
  ["skill", "skill"],
  ["ending", "ending"],
];

/**
 * The cells of a run after its name, in the order of the columns.
 * @param {Run} run
 */
const textsOf = (run) => [
  run.params.toLocaleString("en-US"),
  run.macs_text,
  run.seconds.toFixed(1),
  String(run.epochs),
  formatNumber(run.error, 4),
  formatPercent(run.skill),
  run.ending,
];

/**
 * The row of a run. Roles are named, since in a narrow page it is not laid out as a table's row.
 * @param {Stage} stage
 * @param {RunLink} link
 * @param {Run} run
 */
export function makeRunRow(stage, link, run) {
  const { number } = run;
  let current = run;
  let pressed = -Infinity; // when the button that deletes was pressed last

  const line = s("path", { d: "M1,4H25" });
  stroke(line, number);
  const swatch = s(
    "svg",
    { class: "cnn-swatch", viewBox: "0 0 26 8", "aria-hidden": "true" },
    line,
  );
  const show = h("input", { type: "checkbox", checked: true, onchange: () => link.toggle(number) });
  const name = h("span", { class: "cnn-run-name" });
  /** @param {KeyboardEvent} event */
  const leaveByKey = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    finish(event.key === "Enter");
    rename.focus({ preventScroll: true });
  };
  const field = h("input", {
    type: "text",
    class: "cnn-run-field",
    maxlength: LONGEST_RUN_NAME,
    hidden: true,
    "aria-label": "New name",
    // Leaving the field keeps what was typed, as file browsers do.
    onblur: () => finish(true),
    onkeydown: leaveByKey,
  });
  /**
   * A button. In a narrow page a sign stands for its word.
   * @param {string} word
   * @param {() => void} act
   */
  const button = (word, act) =>
    h("button", {
      type: "button",
      class: "cnn-small",
      "data-act": word.toLowerCase(),
      onclick: act,
    }, h("span", {}, word));
  const restore = button("Restore", () => stage.send("restore run", { run: number }));
  const rename = button("Rename", edit);
  const eraseWord = h("span");
  const erase = h(
    "button",
    { type: "button", class: "cnn-small", onclick: deleteOrUndo },
    eraseWord,
  );
  const values = RUN_COLUMNS.slice(1).map(([column, label]) =>
    h("td", {
      role: "cell",
      "data-column": column,
      "data-label": column === "ending" ? null : label,
    })
  );
  const element = h(
    "tr",
    {
      role: "row",
      "data-run": number,
      onmouseenter: () => link.point(number),
      onmouseleave: () => link.point(null),
      onfocusin: () => link.point(number),
      onfocusout: () => link.point(null),
    },
    h("td", { role: "cell", class: "cnn-run-show" }, h("label", {}, show, swatch)),
    h("th", { role: "rowheader", scope: "row" }, name, field),
    ...values,
    h("td", { role: "cell", class: "cnn-run-acts" }, restore, rename, erase),
  );

  function edit() {
    field.value = current.name;
    field.hidden = false;
    name.hidden = true;
    field.focus();
    field.select();
  }

  /** @param {boolean} keep */
  function finish(keep) {
    if (field.hidden) return;
    const typed = field.value.trim();
    field.hidden = true;
    name.hidden = false;
    if (keep && typed && typed !== current.name) {
      stage.send("rename run", { run: number, name: typed });
    }
  }

  /** One button deletes and takes that back: a double click must not do both. */
  function deleteOrUndo() {
    if (performance.now() - pressed < DOUBLE_MS) return;
    pressed = performance.now();
    stage.send(current.deleted ? "undo delete" : "delete run", { run: number });
  }

  /**
   * Write the run into the row.
   * @param {Run} run
   * @param {boolean} busy whether a training or a check is running
   */
  function put(run, busy) {
    current = run;
    element.classList.toggle("cnn-deleted", run.deleted);
    if (run.shown && !busy && !run.deleted) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
    write(name, run.name);
    name.title = `${run.name}: ${run.of}`;
    textsOf(run).forEach((text, i) => write(values[i], text));
    values[values.length - 1].title = run.deleted ? "" : run.ending;
    show.disabled = run.deleted;
    show.setAttribute("aria-label", `Show the curve of ${run.name}`);
    restore.hidden = rename.hidden = run.deleted;
    restore.disabled = busy;
    restore.title = busy ? "Not during a training" : run.restores;
    rename.title = "Rename";
    erase.title = run.deleted ? "" : "Delete";
    erase.dataset.act = run.deleted ? "undo" : "delete";
    write(eraseWord, run.deleted ? "Undo" : "Delete");
    for (const each of [restore, rename]) {
      each.setAttribute("aria-label", `${each.textContent} ${run.name}`);
    }
    erase.setAttribute(
      "aria-label",
      run.deleted ? `Undo: bring ${run.name} back` : `Delete ${run.name}`,
    );
  }
  return { element, put };
}
