// The table of runs: it sorts, and each row has its buttons.

import { h } from "../shared/elements.js";
import { RUNNING } from "../training/fit_state.js";
import { makeRunRow, RUN_COLUMNS } from "./run_row.js";

/**
 * @import { Attributes } from "../shared/elements.js"
 * @import { Stage } from "../shared/stage.js"
 * @import { Run } from "../views.d.ts"
 * @import { RunLink } from "./run_link.js"
 * @import { Column, RunRow } from "./run_row.js"
 */

const MORE_IS_BETTER = new Set(["skill"]);

/** @type {Partial<Record<Column, string>>} */
const RUN_HINTS = {
  error: "mean absolute error on the test windows, in the data's units",
  skill: "how much less the error is than that of the best baseline",
  macs: "multiply-accumulates of one sample",
};

/**
 * @param {string | number} a
 * @param {string | number} b
 */
const compare = (a, b) =>
  typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });

/**
 * @param {Attributes} attributes
 * @param {HTMLElement} child
 */
const columnHeader = (attributes, child) =>
  h("th", { role: "columnheader", scope: "col", ...attributes }, child);

/**
 * The table. Roles are named, since in a narrow page its rows are not laid out as a table's.
 * @param {Stage} stage
 * @param {RunLink} link
 */
export function runTableView(stage, link) {
  const head = h(
    "tr",
    { role: "row" },
    columnHeader({ class: "cnn-run-show" }, h("span", { class: "cnn-unseen" }, "curve")),
  );
  const body = h("tbody", { role: "rowgroup" });
  const box = h(
    "div",
    { class: "cnn-runs-table-box", tabindex: "0", role: "region", "aria-label": "Table of runs" },
    h(
      "table",
      { class: "cnn-runs-table", role: "table" },
      h("thead", { role: "rowgroup" }, head),
      body,
    ),
  );
  /** @type {Map<number, RunRow>} */
  const rows = new Map(); // by the number of a run
  /** @type {{ column: Column, reversed: boolean } | null} */
  let sorting = null; // the column, and whether the best comes last
  let busy = false;

  for (const [column, name] of RUN_COLUMNS) {
    const button = h("button", {
      type: "button",
      class: "cnn-sort",
      title: RUN_HINTS[column] ?? null,
      onclick: () => sort(column),
    }, name);
    head.append(columnHeader({ "data-column": column }, button));
  }
  head.append(
    columnHeader({ class: "cnn-run-acts" }, h("span", { class: "cnn-unseen" }, "actions")),
  );

  /**
   * The best first, then the best last, then the order in which they came.
   * @param {Column} column
   */
  function sort(column) {
    if (sorting?.column !== column) sorting = { column, reversed: false };
    else sorting = sorting.reversed ? null : { column, reversed: true };
    redraw();
  }

  /** @param {Run[]} runs */
  function sorted(runs) {
    if (!sorting) return runs;
    const { column, reversed } = sorting;
    const sign = MORE_IS_BETTER.has(column) === reversed ? 1 : -1;
    const known = runs.flatMap((run) => {
      const value = run[column];
      return value === null ? [] : [{ run, value }];
    });
    known.sort((a, b) => sign * compare(a.value, b.value));
    return [...known.map(({ run }) => run), ...runs.filter((run) => run[column] === null)];
  }

  /**
   * Put rows into this order; the one that has the focus is never moved, for that would lose it.
   * @param {HTMLElement[]} elements
   */
  function order(elements) {
    if (elements.every((row, i) => body.children[i] === row)) return;
    const held = elements.findIndex((row) => row.contains(document.activeElement));
    elements.forEach((row, i) => {
      if (i < held) body.insertBefore(row, elements[held]);
      else if (i > held) body.append(row);
    });
  }

  /** @param {Run} run */
  function rowOf(run) {
    const row = rows.get(run.number) ?? makeRunRow(stage, link, run);
    rows.set(run.number, row);
    row.put(run, busy);
    return row.element;
  }

  function draw() {
    const runs = sorted(stage.get("runs_view").runs ?? []);
    const there = new Set(runs.map((run) => run.number));
    for (const [number, { element }] of rows) {
      if (there.has(number)) continue;
      const focused = element.contains(document.activeElement);
      element.remove();
      rows.delete(number);
      if (focused) box.focus({ preventScroll: true });
    }
    order(runs.map(rowOf));
    for (const th of head.cells) {
      const { column } = th.dataset;
      if (!column) continue;
      if (column === sorting?.column) {
        const down = MORE_IS_BETTER.has(column) !== sorting.reversed;
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
      } else th.removeAttribute("aria-sort");
    }
  }

  link.watch(() => {
    for (const [number, { element }] of rows) {
      element.classList.toggle("cnn-hot", number === link.hot());
    }
  });
  const redraw = stage.view("table of runs", box, ["runs_view"], draw);
  // A training reports five times a second: the table is for its beginning and its end.
  stage.view("table of runs", box, ["fit_view"], () => {
    const { state, job } = stage.get("fit_view");
    const now = RUNNING.has(state) || Boolean(job);
    if (now !== busy) {
      busy = now;
      redraw();
    }
  });
  return box;
}
