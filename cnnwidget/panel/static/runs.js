// The runs of the notebook: their curves over each other, and a table that sorts. Joined to stage.js,
// whose tools it takes; what can be done with a run is done in Python, what is only looked at here.

const RUN_COLOURS = 6; // which can be told apart in both themes and without seeing red, green or blue
const RUN_DASHES = ["none", "7 4", "2 4", "10 3 2 3"];
const RUN_COLUMNS = [
  ["name", "run"], ["params", "parameters"], ["macs", "MACs"], ["seconds", "seconds"],
  ["epochs", "epochs"], ["error", "error"], ["skill", "skill"], ["ending", "ending"],
];
const RUN_HINTS = {
  error: "mean absolute error on the test windows, in the data's units",
  skill: "how much less the error is than that of the best baseline",
  macs: "multiply-accumulates of one sample",
};
const MORE_IS_BETTER = new Set(["skill"]);
const MOST_LABELS = 8; // more names than this beside the curves nobody can follow
const LONGEST_LABEL = 20;
const LONGEST_RUN_NAME = 80;

/** The look of a run's curve follows from its number, so that it stays whatever else comes and goes. */
function strokeOf(number) {
  const at = number - 1;
  return {
    colour: `var(--cnn-run-${at % RUN_COLOURS})`,
    dashes: RUN_DASHES[Math.floor(at / RUN_COLOURS) % RUN_DASHES.length],
  };
}

function stroke(element, number) {
  const { colour, dashes } = strokeOf(number);
  element.style.stroke = colour;
  element.style.strokeDasharray = dashes;
}

const briefly = (name) => (name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name);

/** What the table and the curves share: which curves are hidden, which run is pointed at. */
function makeRunLink() {
  const watchers = [];
  const hidden = new Set();
  let hot = null;
  return {
    watch: (act) => watchers.push(act),
    hides: (number) => hidden.has(number),
    hot: () => hot,
    toggle(number) {
      if (!hidden.delete(number)) hidden.add(number);
      for (const watch of watchers) watch("hidden");
    },
    point(number) {
      if (hot === number) return;
      hot = number;
      for (const watch of watchers) watch("hot");
    },
  };
}

function runsView(stage) {
  const link = makeRunLink();
  const count = h("span", { class: "cnn-soft" });
  const said = h("p", { class: "cnn-runs-said", role: "status" });
  const note = h("p", { class: "cnn-runs-note" });
  const save = h("button", { type: "button", class: "cnn-small cnn-export", onclick: () => stage.send("export runs"),
    title: "Write the table into a new file beside the notebook" }, "Export CSV");
  const { box: curves, axes } = runCurvesView(stage, link);
  const box = h("section", { class: "cnn-runs", "aria-label": "Runs", hidden: true },
    h("div", { class: "cnn-bar" }, h("h2", { class: "cnn-runs-title" }, "Runs ", count), said,
      h("div", { class: "cnn-runs-tools" }, axes, save)),
    h("div", { class: "cnn-runs-both" }, curves, runTableView(stage, link)), note);
  stage.view("runs", box, ["runs_view"], () => {
    const { runs = [], note: told, said: words } = stage.get("runs_view");
    box.hidden = !runs.length;
    write(count, String(runs.filter(({ deleted }) => !deleted).length));
    write(said, words);
    said.title = words ?? "";
    writeOrHide(note, told);
    for (const resize of stage.resized) resize();
  });
  return box;
}

// ---------------------------------------------------------------- runs: the table

function runTableView(stage, link) {
  const head = h("tr", {}, h("th", { class: "cnn-run-show" }, h("span", { class: "cnn-unseen" }, "curve")));
  const body = h("tbody");
  const box = h("div", { class: "cnn-runs-table-box", tabindex: "0", role: "region", "aria-label": "Table of runs" },
    h("table", { class: "cnn-runs-table" }, h("thead", {}, head), body));
  const rows = new Map(); // number of a run -> its row
  let sorting = null; // the column and whether the best comes last
  let busy = false;

  for (const [column, name] of RUN_COLUMNS) {
    const button = h("button", { type: "button", class: "cnn-sort", title: RUN_HINTS[column] ?? null,
      onclick: () => sort(column) }, name);
    head.append(h("th", { scope: "col", "data-column": column }, button));
  }
  head.append(h("th", {}, h("span", { class: "cnn-unseen" }, "actions")));

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
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    const known = runs.filter((run) => run[column] !== null);
    known.sort((a, b) => sign * compare(a[column], b[column]));
    return [...known, ...runs.filter((run) => run[column] === null)];
  }

  function make(number) {
    const swatch = s("svg", { class: "cnn-swatch", viewBox: "0 0 26 8", "aria-hidden": "true" }, s("path", { d: "M1,4H25" }));
    stroke(swatch.firstElementChild, number);
    const show = h("input", { type: "checkbox", checked: true, onchange: () => link.toggle(number) });
    const name = h("span", { class: "cnn-run-name" });
    const field = h("input", { type: "text", class: "cnn-run-field", maxlength: LONGEST_RUN_NAME, hidden: true,
      "aria-label": "New name", onblur: () => finish(row, true),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        finish(row, event.key === "Enter");
        row.rename.focus({ preventScroll: true });
      } });
    // Where there is little room, a sign stands for the word.
    const button = (word, act) => h("button", { type: "button", class: "cnn-small", "data-act": word.toLowerCase(), onclick: act },
      h("span", {}, word));
    const restore = button("Restore", () => stage.send("restore run", { run: number }));
    const rename = button("Rename", () => edit(row));
    const erase = button("Delete", () => takeOut(row));
    const values = RUN_COLUMNS.slice(1).map(([column]) => h("td", { "data-column": column }));
    const row = h("tr", { onmouseenter: () => link.point(number), onmouseleave: () => link.point(null),
      onfocusin: () => link.point(number), onfocusout: () => link.point(null) },
    h("td", { class: "cnn-run-show" }, h("label", {}, show, swatch)),
    h("th", { scope: "row" }, name, field), ...values, h("td", { class: "cnn-run-acts" }, restore, rename, erase));
    return Object.assign(row, { number, show, name, field, restore, rename, erase, values, pressed: -Infinity });
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
    if (keep && wanted && wanted !== row.run.name) stage.send("rename run", { run: row.number, name: wanted });
  }

  /** One button deletes and takes that back: a double click must not do both. */
  function takeOut(row) {
    if (performance.now() - row.pressed < DOUBLE_MS) return;
    row.pressed = performance.now();
    stage.send(row.run.deleted ? "undo delete" : "delete run", { run: row.number });
  }

  const texts = (run) => [
    run.params.toLocaleString("en-US"), run.macs_text, run.seconds.toFixed(1), String(run.epochs), number(run.error, 4),
    finite(run.skill) ? `${minus((100 * run.skill).toFixed(0))} %` : "–", run.ending,
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
    for (const button of [row.restore, row.rename]) button.setAttribute("aria-label", `${button.textContent} ${run.name}`);
    row.erase.setAttribute("aria-label", run.deleted ? `Undo: bring ${run.name} back` : `Delete ${run.name}`);
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

// ---------------------------------------------------------------- runs: the curves

const RUN_AXES = [["epoch", "Epochs", "epoch"], ["seconds", "Seconds", "seconds of training"]];

function runCurvesView(stage, link) {
  const drawing = s("g");
  const mark = s("g", { class: "cnn-run-mark" });
  const svg = s("svg", { class: "cnn-curve cnn-run-curves", role: "img", tabindex: "0", "data-lm-suppress-shortcuts": "true" }, drawing, mark);
  const readout = h("p", { class: "cnn-readout" });
  const box = h("div", { class: "cnn-run-curves-box" }, readout, svg);
  const axes = h("div", { class: "cnn-zooms", role: "group", "aria-label": "Curves over" });
  const ruler = document.createElement("canvas").getContext("2d");
  let by = RUN_AXES[0];
  let lines = []; // what is drawn: run, points, and its paths
  let at = null; // the run and the point that is pointed at

  const buttons = RUN_AXES.map((axis) => {
    const button = h("button", { type: "button", class: "cnn-small", "aria-pressed": String(axis === by), onclick: () => {
      by = axis;
      buttons.forEach((each, i) => each.setAttribute("aria-pressed", RUN_AXES[i] === by));
      at = null;
      redraw();
    } }, axis[1]);
    axes.append(button);
    return button;
  });

  const wide = (words) => Math.ceil(Math.max(0, ...words.map((word) => ruler.measureText(word).width)));

  function draw() {
    const { curves = {}, measure = "loss" } = stage.get("run_curves");
    const runs = (stage.get("runs_view").runs ?? []).filter((run) => curves[run.number] && !run.deleted && !link.hides(run.number));
    const usable = (value) => finite(value) && value > 0;
    const axis = verticalAxis(runs.flatMap((run) => curves[run.number].loss).filter(usable));
    const labels = axis.ticks.map(tickLabel);
    const area = layout(runs, labels);
    const { width, height, left, right, top, bottom, named } = area;
    const end = Math.max(by[0] === "epoch" ? 1 : 0.01, ...runs.map((run) => curves[run.number][by[0]].at(-1) ?? 0));
    const x = (value) => left + ((right - left) * value) / end;
    const y = (value) => (usable(value) ? bottom - (bottom - top) * axis.at(value) : null);

    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    const text = (className, place, words, anchor) =>
      drawing.appendChild(s("text", { class: className, x: place[0], y: place[1], "text-anchor": anchor }, words));
    const line = (className, x1, y1, x2, y2) => drawing.appendChild(s("line", { class: className, x1, y1, x2, y2 }));
    if (runs.length) {
      axis.ticks.forEach((tick, i) => {
        line("cnn-grid", left, y(tick) ?? bottom, right, y(tick) ?? bottom);
        text("cnn-tick", [left - 7, (y(tick) ?? bottom) + 4], labels[i], "end");
      });
      for (const tick of linearTicks(0, end, Math.min(10, (right - left) / 48))) {
        if (tick > end || (by[0] === "epoch" && !Number.isInteger(tick))) continue;
        line("cnn-axis", x(tick), bottom, x(tick), bottom + 4);
        text("cnn-tick", [x(tick), bottom + 16], plain(tick), "middle");
      }
    } else text("cnn-empty", [(left + right) / 2, (top + bottom) / 2], "No curve is shown.", "middle");
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], by[2], "middle");
    text("cnn-axis-label", [0, 0], measure, "middle").setAttribute("transform", `translate(11 ${(top + bottom) / 2}) rotate(-90)`);

    lines = runs.map((run) => {
      const curve = curves[run.number];
      const points = curve.loss.map((loss, i) => [x(curve[by[0]][i]), y(loss)]);
      const path = s("path", { d: pathOf(points), "data-run": run.number });
      stroke(path, run.number);
      drawing.append(path);
      return { run, curve, points, path };
    });
    if (named) nameEnds(area);
    if (at && !lines.some(({ run }) => run.number === at.number)) at = null;
    point();
  }

  function layout(runs, labels) {
    ruler.font = `11px ${getComputedStyle(box).fontFamily}`;
    const width = Math.max(240, svg.clientWidth || box.clientWidth || 480);
    const height = svg.clientHeight || 230;
    const named = width >= 440 && runs.length <= MOST_LABELS;
    const margin = named ? 20 + wide(runs.map(({ name }) => briefly(name))) : 12;
    const left = Math.max(56, 18 + wide(labels) + 7);
    return { width, height, named, left, right: width - margin, top: 10, bottom: height - 38 };
  }

  /** Names stand beside the ends of their curves, apart from each other. */
  function nameEnds({ right, top, bottom }) {
    const ended = lines.filter(({ points }) => points.some(([, height]) => finite(height)));
    const ends = ended.map(({ points }) => points.findLast(([, height]) => finite(height)));
    const placed = spread(ends.map(([, height]) => height), 14, top + 4, bottom - 2);
    ended.forEach(({ run, path }, i) => {
      const [across, height] = ends[i];
      const leader = s("path", { class: "cnn-run-leader", d: `M${across.toFixed(1)},${height.toFixed(1)}L${right},${height.toFixed(1)}L${right + 9},${placed[i]}` });
      leader.style.stroke = strokeOf(run.number).colour;
      path.before(leader);
      const label = s("text", { class: "cnn-run-label", x: right + 12, y: placed[i] + 4, "data-run": run.number }, briefly(run.name));
      label.append(s("title", {}, run.name));
      drawing.append(label);
    });
  }

  /** The curve that is pointed at stands out, here or in the table, and one line says what it is. */
  function point() {
    const hot = link.hot();
    svg.classList.toggle("cnn-pointed", lines.some(({ run }) => run.number === hot));
    for (const each of drawing.querySelectorAll("[data-run]")) each.classList.toggle("cnn-hot", Number(each.dataset.run) === hot);
    const lowest = ({ curve }) => Math.min(...curve.loss.filter(finite));
    const best = lines.filter((each) => finite(lowest(each))).sort((a, b) => lowest(a) - lowest(b))[0];
    const overall = best ? `lowest: ${best.run.name}, ${number(lowest(best))}` : "";
    mark.replaceChildren();
    const shown = at && lines.find(({ run }) => run.number === at.number);
    if (shown) {
      const { curve, points, run } = shown;
      const [across, height] = points[at.index];
      if (finite(height)) {
        const dot = s("circle", { cx: across, cy: height, r: 4 });
        dot.style.fill = strokeOf(run.number).colour;
        mark.append(dot);
      }
      write(readout, `${run.name}: epoch ${curve.epoch[at.index]}, ${curve.seconds[at.index].toFixed(1)} s, ${number(curve.loss[at.index])}`);
    } else write(readout, overall);
    const many = lines.length === 1 ? "1 curve" : `${lines.length} curves`;
    svg.setAttribute("aria-label", `Curves of runs over ${by[2]}: ${many}${overall ? `; ${overall}` : ""}`);
  }

  function pointAt(found) {
    at = found;
    link.point(found?.number ?? null);
    point();
  }

  svg.addEventListener("pointermove", (event) => {
    const seen = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / seen.width;
    const [px, py] = [(event.clientX - seen.left) * scale, (event.clientY - seen.top) * scale];
    let found = null;
    let nearest = Infinity;
    for (const { run, points } of lines) {
      points.forEach(([across, height], index) => {
        if (!finite(height)) return;
        const distance = Math.hypot(across - px, height - py);
        if (distance < nearest) [nearest, found] = [distance, { number: run.number, index }];
      });
    }
    pointAt(found);
  });
  svg.addEventListener("pointerleave", () => pointAt(null));
  svg.addEventListener("blur", () => pointAt(null));
  svg.addEventListener("keydown", (event) => {
    const [next, step] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (next === undefined || !lines.length) return;
    event.preventDefault();
    const held = lines.findIndex(({ run }) => run.number === at?.number);
    const chosen = lines[held < 0 ? 0 : clamp(held + next, 0, lines.length - 1)];
    const last = chosen.points.length - 1;
    pointAt({ number: chosen.run.number, index: held < 0 || next ? last : clamp(at.index + step, 0, last) });
  });
  link.watch((what) => (what === "hidden" ? redraw() : point()));
  const redraw = stage.view("curves of runs", box, ["runs_view", "run_curves"], draw);
  stage.resized.push(redraw);
  return { box, axes };
}
