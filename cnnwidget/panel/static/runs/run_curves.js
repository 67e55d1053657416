// The curves of runs, over each other.

import { stroke, strokeOf } from "./run_strokes.js";
import { linearTicks, pathOf, spread, tickLabel, verticalAxis } from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { clamp, finite, number, plain } from "../shared/numbers.js";

const briefly = (
  name,
) => (name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name);

const LONGEST_LABEL = 20;

const MOST_LABELS = 8; // more names than this beside the curves nobody can follow

const RUN_AXES = [["epoch", "Epochs", "epoch"], ["seconds", "Seconds", "seconds of training"]];

export function runCurvesView(stage, link) {
  const drawing = s("g");
  const mark = s("g", { class: "cnn-run-mark" });
  const svg = s(
    "svg",
    {
      class: "cnn-curve cnn-run-curves",
      role: "img",
      tabindex: "0",
      "data-lm-suppress-shortcuts": "true",
    },
    drawing,
    mark,
  );
  const readout = h("p", { class: "cnn-readout" });
  const box = h("div", { class: "cnn-run-curves-box" }, readout, svg);
  const axes = h("div", { class: "cnn-zooms", role: "group", "aria-label": "Curves over" });
  const ruler = document.createElement("canvas").getContext("2d");
  let by = RUN_AXES[0];
  let lines = []; // what is drawn: run, points, and its paths
  let at = null; // the run and the point that is pointed at

  const buttons = RUN_AXES.map((axis) => {
    const button = h("button", {
      type: "button",
      class: "cnn-small",
      "aria-pressed": String(axis === by),
      onclick: () => {
        by = axis;
        buttons.forEach((each, i) => each.setAttribute("aria-pressed", RUN_AXES[i] === by));
        at = null;
        redraw();
      },
    }, axis[1]);
    axes.append(button);
    return button;
  });

  const wide = (words) =>
    Math.ceil(Math.max(0, ...words.map((word) => ruler.measureText(word).width)));

  function draw() {
    const { curves = {}, measure = "loss" } = stage.get("run_curves");
    const runs = (stage.get("runs_view").runs ?? []).filter((run) =>
      curves[run.number] && !run.deleted && !link.hides(run.number)
    );
    const usable = (value) => finite(value) && value > 0;
    const axis = verticalAxis(runs.flatMap((run) => curves[run.number].loss).filter(usable));
    const labels = axis.ticks.map(tickLabel);
    const area = layout(runs, labels);
    const { width, height, left, right, top, bottom, named } = area;
    const end = Math.max(
      by[0] === "epoch" ? 1 : 0.01,
      ...runs.map((run) => curves[run.number][by[0]].at(-1) ?? 0),
    );
    const x = (value) => left + ((right - left) * value) / end;
    const y = (value) => (usable(value) ? bottom - (bottom - top) * axis.at(value) : null);

    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    const text = (className, place, words, anchor) =>
      drawing.appendChild(
        s("text", { class: className, x: place[0], y: place[1], "text-anchor": anchor }, words),
      );
    const line = (className, x1, y1, x2, y2) =>
      drawing.appendChild(s("line", { class: className, x1, y1, x2, y2 }));
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
    } else {text(
        "cnn-empty",
        [(left + right) / 2, (top + bottom) / 2],
        "No curve is shown.",
        "middle",
      );}
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], by[2], "middle");
    text("cnn-axis-label", [0, 0], measure, "middle").setAttribute(
      "transform",
      `translate(11 ${(top + bottom) / 2}) rotate(-90)`,
    );

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
      const leader = s("path", {
        class: "cnn-run-leader",
        d: `M${across.toFixed(1)},${height.toFixed(1)}L${right},${height.toFixed(1)}L${right + 9},${
          placed[i]
        }`,
      });
      leader.style.stroke = strokeOf(run.number).colour;
      path.before(leader);
      const label = s("text", {
        class: "cnn-run-label",
        x: right + 12,
        y: placed[i] + 4,
        "data-run": run.number,
      }, briefly(run.name));
      label.append(s("title", {}, run.name));
      drawing.append(label);
    });
  }

  /** The curve that is pointed at stands out, here or in the table, and one line says what it is. */
  function point() {
    const hot = link.hot();
    svg.classList.toggle("cnn-pointed", lines.some(({ run }) => run.number === hot));
    for (const each of drawing.querySelectorAll("[data-run]")) {
      each.classList.toggle("cnn-hot", Number(each.dataset.run) === hot);
    }
    const lowest = ({ curve }) => Math.min(...curve.loss.filter(finite));
    const best =
      lines.filter((each) => finite(lowest(each))).sort((a, b) => lowest(a) - lowest(b))[0];
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
      write(
        readout,
        `${run.name}: epoch ${curve.epoch[at.index]}, ${curve.seconds[at.index].toFixed(1)} s, ${
          number(curve.loss[at.index])
        }`,
      );
    } else write(readout, overall);
    const many = lines.length === 1 ? "1 curve" : `${lines.length} curves`;
    svg.setAttribute(
      "aria-label",
      `Curves of runs over ${by[2]}: ${many}${overall ? `; ${overall}` : ""}`,
    );
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
    const [next, step] =
      { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ??
        [];
    if (next === undefined || !lines.length) return;
    event.preventDefault();
    const held = lines.findIndex(({ run }) => run.number === at?.number);
    const chosen = lines[held < 0 ? 0 : clamp(held + next, 0, lines.length - 1)];
    const last = chosen.points.length - 1;
    pointAt({
      number: chosen.run.number,
      index: held < 0 || next ? last : clamp(at.index + step, 0, last),
    });
  });
  link.watch((what) => (what === "hidden" ? redraw() : point()));
  const redraw = stage.view("curves of runs", box, ["runs_view", "run_curves"], draw);
  stage.resized.push(redraw);
  return { box, axes };
}
