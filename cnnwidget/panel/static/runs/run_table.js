// The table of runs: it sorts, and each line has its buttons.

import { stroke } from "./run_strokes.js";
import { h, s, write } from "../shared/elements.js";
import { finite, minus, number } from "../shared/numbers.js";
import { DOUBLE_MS } from "../training/fit_buttons.js";
import { RUNNING } from "../training/fit_state.js";

const LONGEST_RUN_NAME = 80;

const MORE_IS_BETTER = new Set(["skill"]);

const RUN_HINTS = {
  error: "mean absolute error on the test windows, in the data's units",
  skill: "how much less the error is than that of the best baseline",
  macs: "multiply-accumulates of one sample",
};

const RUN_COLUMNS = [
  ["name", "run"],
  ["params", "parameters"],
  ["macs", "MACs"],
  ["seconds", "seconds"],
  ["epochs", "epochs"],
  ["error", "error"],
  ["skill", "skill"],
  ["ending", "ending"],
];

// Roles are told, for where there is little room these rows are laid out as none of a table.
export function runTableView(stage, link) {
  const headed = (attributes, ...children) =>
    h("th", { role: "columnheader", scope: "col", ...attributes }, ...children);
  const head = h(
    "tr",
    { role: "row" },
    headed({ class: "cnn-run-show" }, h("span", { class: "cnn-unseen" }, "curve")),
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
  const rows = new Map(); // number of a run -> its row
  let sorting = null; // the column and whether the best comes last
  let busy = false;

  for (const [column, name] of RUN_COLUMNS) {
    const button = h("button", {
      type: "button",
      class: "cnn-sort",
      title: RUN_HINTS[column] ?? null,
      onclick: () => sort(column),
    }, name);
    head.append(headed({ "data-column": column }, button));
  }
  head.append(headed({ class: "cnn-run-acts" }, h("span", { class: "cnn-unseen" }, "actions")));

  /** The best first, then the best last, then the order in which they came. */
  function sort(column) {
    if (sorting?.column !== column) sorting = { column, reversed: false };
    else sorting = sorting.reversed ? null : { column, reversed: true };
    redraw();
  }

  function sorted(runs) {
    if (!sorting) return runs;
    const { column, reversed } = sorting;
    const sign = MORE_IS_BETTER.has(column) === reversed ? 1 : -1;
    const compare = (
      a,
      b,
    ) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    const known = runs.filter((run) => run[column] !== null);
    known.sort((a, b) => sign * compare(a[column], b[column]));
    return [...known, ...runs.filter((run) => run[column] === null)];
  }

  function make(number) {
    const swatch = s(
      "svg",
      { class: "cnn-swatch", viewBox: "0 0 26 8", "aria-hidden": "true" },
      s("path", { d: "M1,4H25" }),
    );
    stroke(swatch.firstElementChild, number);
    const show = h("input", {
      type: "checkbox",
      checked: true,
      onchange: () => link.toggle(number),
    });
    const name = h("span", { class: "cnn-run-name" });
    const field = h("input", {
      type: "text",
      class: "cnn-run-field",
      maxlength: LONGEST_RUN_NAME,
      hidden: true,
      "aria-label": "New name",
      onblur: () => finish(row, true),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        finish(row, event.key === "Enter");
        row.rename.focus({ preventScroll: true });
      },
    });
    // Where there is little room, a sign stands for the word.
    const button = (word, act) =>
      h("button", {
        type: "button",
        class: "cnn-small",
        "data-act": word.toLowerCase(),
        onclick: act,
      }, h("span", {}, word));
    const restore = button("Restore", () => stage.send("restore run", { run: number }));
    const rename = button("Rename", () => edit(row));
    const erase = button("Delete", () => takeOut(row));
    const values = RUN_COLUMNS.slice(1).map(([column, label]) =>
      h("td", {
        role: "cell",
        "data-column": column,
        "data-label": column === "ending" ? null : label,
      })
    );
    const row = h(
      "tr",
      {
        role: "row",
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
    return Object.assign(row, {
      number,
      show,
      name,
      field,
      restore,
      rename,
      erase,
      values,
      pressed: -Infinity,
    });
  }

  function edit(row) {
    row.field.value = row.run.name;
    row.field.hidden = false;
    row.name.hidden = true;
    row.field.focus();
    row.field.select();
  }

  /** Leaving the field keeps what was typed, as file browsers do. */
  function finish(row, keep) {
    if (row.field.hidden) return;
    const wanted = row.field.value.trim();
    row.field.hidden = true;
    row.name.hidden = false;
    if (keep && wanted && wanted !== row.run.name) {
      stage.send("rename run", { run: row.number, name: wanted });
    }
  }

  /** One button deletes and takes that back: a double click must not do both. */
  function takeOut(row) {
    if (performance.now() - row.pressed < DOUBLE_MS) return;
    row.pressed = performance.now();
    stage.send(row.run.deleted ? "undo delete" : "delete run", { run: row.number });
  }

  const texts = (run) => [
    run.params.toLocaleString("en-US"),
    run.macs_text,
    run.seconds.toFixed(1),
    String(run.epochs),
    number(run.error, 4),
    finite(run.skill) ? `${minus((100 * run.skill).toFixed(0))} %` : "–",
    run.ending,
  ];

  function put(row, run) {
    row.run = run;
    row.dataset.run = run.number;
    row.classList.toggle("cnn-deleted", run.deleted);
    if (run.shown && !busy && !run.deleted) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    write(row.name, run.name);
    row.name.title = `${run.name}: ${run.of}`;
    texts(run).forEach((text, i) => write(row.values[i], text));
    row.values[6].title = run.deleted ? "" : run.ending;
    row.show.disabled = run.deleted;
    row.show.setAttribute("aria-label", `Show the curve of ${run.name}`);
    row.restore.hidden = row.rename.hidden = run.deleted;
    row.restore.disabled = busy;
    row.restore.title = busy ? "Not during a training" : run.restores;
    row.rename.title = "Rename";
    row.erase.title = run.deleted ? "" : "Delete";
    row.erase.dataset.act = run.deleted ? "undo" : "delete";
    write(row.erase.firstElementChild, run.deleted ? "Undo" : "Delete");
    for (const button of [row.restore, row.rename]) {
      button.setAttribute("aria-label", `${button.textContent} ${run.name}`);
    }
    row.erase.setAttribute(
      "aria-label",
      run.deleted ? `Undo: bring ${run.name} back` : `Delete ${run.name}`,
    );
  }

  /** Rows in this order; the one that has the focus is never moved, for that would lose it. */
  function order(wanted) {
    if (wanted.every((row, i) => body.children[i] === row)) return;
    const held = wanted.findIndex((row) => row.contains(document.activeElement));
    wanted.forEach((row, i) => {
      if (i < held) body.insertBefore(row, wanted[held]);
      else if (i > held) body.append(row);
    });
  }

  function draw() {
    const runs = sorted(stage.get("runs_view").runs ?? []);
    const there = new Set(runs.map((run) => run.number));
    for (const [each, row] of rows) {
      if (there.has(each)) continue;
      const focused = row.contains(document.activeElement);
      body.removeChild(row);
      rows.delete(each);
      if (focused) box.focus({ preventScroll: true });
    }
    order(runs.map((run) => {
      if (!rows.has(run.number)) rows.set(run.number, make(run.number));
      put(rows.get(run.number), run);
      return rows.get(run.number);
    }));
    for (const th of head.querySelectorAll("[data-column]")) {
      const mine = th.dataset.column === sorting?.column;
      const down = mine && MORE_IS_BETTER.has(sorting.column) !== sorting.reversed;
      if (mine) th.setAttribute("aria-sort", down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
  }

  link.watch(() => {
    for (const [each, row] of rows) row.classList.toggle("cnn-hot", each === link.hot());
  });
  const redraw = stage.view("table of runs", box, ["runs_view"], draw);
  // A training tells of itself five times a second: the table is for its beginning and its end.
  stage.view("table of runs", box, ["fit_view"], () => {
    const { state, aside } = stage.get("fit_view");
    const now = RUNNING.has(state) || Boolean(aside);
    if (now !== busy) {
      busy = now;
      redraw();
    }
  });
  return box;
}
