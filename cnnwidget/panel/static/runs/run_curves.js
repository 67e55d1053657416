// The loss curves of runs, over each other.

import { linearTicks, pathOf, spread, tickLabel, verticalAxis } from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { ARROWS } from "../shared/keys.js";
import { clamp, finite, formatNumber, formatShort, positive } from "../shared/numbers.js";
import { axisWidth, makePlotFrame, makeRuler } from "../shared/plot_frame.js";
import { stroke, strokeOf } from "./run_strokes.js";

/**
 * @import { Area } from "../shared/plot_frame.js"
 * @import { Stage } from "../shared/stage.js"
 * @import { Run, RunCurve, Value } from "../views.d.ts"
 * @import { RunLink } from "./run_link.js"
 *
 * @typedef {object} Line a curve that is drawn
 * @property {Run} run
 * @property {RunCurve} curve
 * @property {[x: number, y: Value][]} points
 * @property {SVGPathElement} path
 *
 * @typedef {{ number: number, index: number }} Place a point of the curve of a run
 */

const LONGEST_LABEL = 20;
const MOST_LABELS = 8; // more names than this beside the curves nobody can follow

/** @type {{ key: "epoch" | "seconds", name: string, title: string, least: number }[]} */
const RUN_AXES = [
  { key: "epoch", name: "Epochs", title: "epoch", least: 1 },
  { key: "seconds", name: "Seconds", title: "seconds of training", least: 0.01 },
];

/** @param {string} name */
const shortName = (name) =>
  name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;

/** @param {RunCurve} curve */
const lowest = (curve) => Math.min(...curve.loss.filter(finite));

/**
 * @param {Stage} stage
 * @param {RunLink} link
 */
export function runCurvesView(stage, link) {
  const { svg, drawing, overlay, text, size, drawAxes, pointer } = makePlotFrame(
    "cnn-curve cnn-run-curves",
    "cnn-run-mark",
  );
  const readout = h("p", { class: "cnn-readout" });
  const box = h("div", { class: "cnn-run-curves-box" }, readout, svg);
  const axes = h("div", { class: "cnn-zooms", role: "group", "aria-label": "Curves over" });
  const widest = makeRuler(box);
  let by = RUN_AXES[0];
  /** @type {Line[]} */
  let lines = [];
  /** @type {Place | null} */
  let at = null; // the point that is pointed at

  const buttons = RUN_AXES.map((axis) =>
    h("button", {
      type: "button",
      class: "cnn-small",
      "aria-pressed": String(axis === by),
      onclick: () => {
        by = axis;
        at = null;
        buttons.forEach((each, i) => each.setAttribute("aria-pressed", String(RUN_AXES[i] === by)));
        redraw();
      },
    }, axis.name)
  );
  axes.append(...buttons);

  function draw() {
    const { curves = {}, measure = "loss" } = stage.get("run_curves");
    const runs = (stage.get("runs_view").runs ?? []).filter((run) =>
      curves[run.number] && !run.deleted && !link.hides(run.number)
    );
    const axis = verticalAxis(runs.flatMap((run) => curves[run.number].loss).filter(positive));
    const labels = axis.ticks.map(tickLabel);
    const area = layout(runs, labels);
    const { left, right, top, bottom, named } = area;
    const reached = runs.map((run) => curves[run.number][by.key].at(-1) ?? 0);
    const end = Math.max(by.least, ...reached);
    /** @param {number} value */
    const x = (value) => left + ((right - left) * value) / end;
    /** @param {Value} value */
    const y = (value) => (positive(value) ? bottom - (bottom - top) * axis.at(value) : null);

    const steps = runs.length ? linearTicks(0, end, Math.min(10, (right - left) / 48)) : [];
    const ticks = steps.filter((tick) =>
      tick <= end && (by.key !== "epoch" || Number.isInteger(tick))
    );
    drawAxes(area, {
      x: ticks.map((tick) => [x(tick), formatShort(tick)]),
      y: runs.length ? axis.ticks.map((tick, i) => [y(tick) ?? bottom, labels[i]]) : [],
      xTitle: by.title,
      yTitle: measure,
    });
    if (!runs.length) {
      text("cnn-empty", [(left + right) / 2, (top + bottom) / 2], "No curve is shown.", "middle");
    }
    lines = runs.map((run) => {
      const curve = curves[run.number];
      /** @type {Line["points"]} */
      const points = curve.loss.map((loss, i) => [x(curve[by.key][i]), y(loss)]);
      const path = s("path", { d: pathOf(points), "data-run": run.number });
      stroke(path, run.number);
      drawing.append(path);
      return { run, curve, points, path };
    });
    if (named) nameEnds(area);
    if (!lines.some(({ run }) => run.number === at?.number)) at = null;
    point();
  }

  /**
   * Where the plot lies: the names of few runs stand beside it.
   * @param {Run[]} runs
   * @param {string[]} labels
   */
  function layout(runs, labels) {
    const { width, height, bottom } = size(box, 230);
    const named = width >= 440 && runs.length <= MOST_LABELS;
    const margin = named ? 20 + widest(runs.map(({ name }) => shortName(name))) : 12;
    const left = axisWidth(widest(labels));
    return { width, height, left, right: width - margin, top: 10, bottom, named };
  }

  /**
   * Names stand beside the ends of their curves, apart from each other.
   * @param {Area} area
   */
  function nameEnds({ right, top, bottom }) {
    const ends = lines.flatMap(({ run, path, points }) => {
      const last = points.findLast(([, y]) => finite(y));
      return last ? [{ run, path, x: last[0], y: Number(last[1]) }] : [];
    });
    const placed = spread(ends.map(({ y }) => y), 14, top + 4, bottom - 2);
    ends.forEach(({ run, path, x, y }, i) => {
      const start = `M${x.toFixed(1)},${y.toFixed(1)}`;
      const leader = s("path", {
        class: "cnn-run-leader",
        d: `${start}L${right},${y.toFixed(1)}L${right + 9},${placed[i]}`,
      });
      leader.style.stroke = strokeOf(run.number).colour;
      path.before(leader);
      const label = text(
        "cnn-run-label",
        [right + 12, placed[i] + 4],
        shortName(run.name),
        "start",
      );
      label.dataset.run = String(run.number);
      label.append(s("title", {}, run.name));
    });
  }

  /** The curve that is pointed at stands out, here or in the table, and one line says what it is. */
  function point() {
    const hot = link.hot();
    svg.classList.toggle("cnn-pointed", lines.some(({ run }) => run.number === hot));
    /** @type {NodeListOf<SVGElement>} */
    const marked = drawing.querySelectorAll("[data-run]");
    for (const each of marked) {
      each.classList.toggle("cnn-hot", Number(each.dataset.run) === hot);
    }
    const [best] = lines.filter(({ curve }) => finite(lowest(curve)))
      .sort((a, b) => lowest(a.curve) - lowest(b.curve));
    const overall = best ? `lowest: ${best.run.name}, ${formatNumber(lowest(best.curve))}` : "";
    overlay.replaceChildren();
    const pointed = lines.find(({ run }) => run.number === at?.number);
    write(readout, at && pointed ? pointOut(pointed, at.index) : overall);
    const many = lines.length === 1 ? "1 curve" : `${lines.length} curves`;
    svg.setAttribute(
      "aria-label",
      `Curves of runs over ${by.title}: ${many}${overall ? `; ${overall}` : ""}`,
    );
  }

  /**
   * Draw a dot on a point of a curve; return what the point is.
   * @param {Line} line
   * @param {number} index
   */
  function pointOut({ curve, points, run }, index) {
    const [cx, cy] = points[index];
    if (finite(cy)) {
      const dot = s("circle", { cx, cy, r: 4 });
      dot.style.fill = strokeOf(run.number).colour;
      overlay.append(dot);
    }
    const seconds = curve.seconds[index].toFixed(1);
    return `${run.name}: epoch ${curve.epoch[index]}, ${seconds} s, ${
      formatNumber(curve.loss[index])
    }`;
  }

  /** @param {Place | null} place */
  function pointAt(place) {
    at = place;
    link.point(place?.number ?? null);
    point();
  }

  svg.addEventListener("pointermove", (event) => {
    const [px, py] = pointer(event);
    /** @type {Place | null} */
    let nearest = null;
    let least = Infinity;
    for (const { run, points } of lines) {
      for (const [index, [x, y]] of points.entries()) {
        if (!finite(y)) continue;
        const distance = Math.hypot(x - px, y - py);
        if (distance < least) [least, nearest] = [distance, { number: run.number, index }];
      }
    }
    pointAt(nearest);
  });
  svg.addEventListener("pointerleave", () => pointAt(null));
  svg.addEventListener("blur", () => pointAt(null));
  svg.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || !lines.length) return;
    event.preventDefault();
    const [next, step] = arrow;
    const held = lines.findIndex(({ run }) => run.number === at?.number);
    const { run, points } = lines[held < 0 ? 0 : clamp(held + next, 0, lines.length - 1)];
    const last = points.length - 1;
    const index = !at || held < 0 || next ? last : clamp(at.index + step, 0, last);
    pointAt({ number: run.number, index });
  });
  link.watch((change) => (change === "hidden" ? redraw() : point()));
  const redraw = stage.view("curves of runs", box, ["runs_view", "run_curves"], draw);
  stage.resized.push(redraw);
  return { box, axes };
}
