// The loss curves of a fit.

import { lastEpoch, linearTicks, pathOf, spread, tickLabel, verticalAxis } from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { SIDEWAYS } from "../shared/keys.js";
import { clamp, finite, formatNumber, positive } from "../shared/numbers.js";
import { axisWidth, makePlotFrame, makeRuler } from "../shared/plot_frame.js";
import { RUNNING } from "./fit_state.js";

/**
 * @import { Area, Tick } from "../shared/plot_frame.js"
 * @import { Stage } from "../shared/stage.js"
 * @import { FitView, Value } from "../views.d.ts"
 *
 * @typedef {{ name: string, value: number }} Baseline
 *
 * @typedef {object} Drawn the curves that are shown and where they lie, for the pointer
 * @property {Area} area
 * @property {number[]} epochs
 * @property {Value[]} train
 * @property {Value[] | null} valid
 * @property {(epoch: number) => number} x
 * @property {(loss: Value | undefined) => Value} y
 * @property {number} end
 * @property {number | null | undefined} best
 */

/** @param {Stage} stage */
export function lossCurvesView(stage) {
  const { svg, drawing, overlay, line, text, size, drawAxes, pointer } = makePlotFrame(
    "cnn-curve",
    "cnn-rule",
  );
  const epoch = h("span", { class: "cnn-legend-epoch" });
  const training = h("span", { class: "cnn-key", "data-line": "train" });
  const validation = h("span", { class: "cnn-key", "data-line": "validation" });
  const legend = h("p", { class: "cnn-readout cnn-legend" }, epoch, training, validation);
  const box = h("div", { class: "cnn-curve-box" }, legend, svg);
  const widest = makeRuler(box);
  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {number | null} */
  let hovered = null;

  /**
   * Where the plot lies: labels get the room they need.
   * @param {Baseline[]} baselines
   * @param {string[]} labels
   */
  function layout(baselines, labels) {
    const { width, height, bottom } = size(box, 250);
    const outside = width >= 440;
    const names = baselines.flatMap(({ name, value }) => [name, formatNumber(value)]);
    const margin = outside && baselines.length ? Math.min(150, widest(names) + 14) : 12;
    const left = axisWidth(widest(labels));
    return { width, height, left, right: width - margin, top: 10, bottom, outside };
  }

  function draw() {
    const fit = stage.get("fit_view");
    const { epoch: epochs = [], train = [], valid = null } = fit.curve ?? {};
    const live = fit.live ?? [];
    const known = (fit.baselines ?? []).flatMap(({ name, value }) =>
      positive(value) ? [{ name, value }] : []
    );
    const losses = [...train, ...(valid ?? []), ...live.map(([, loss]) => loss)];
    const values = [...losses, ...known.map(({ value }) => value)].filter(positive);
    const started = epochs.length > 0 || live.length > 0;
    const axis = verticalAxis(values);
    const labels = axis.ticks.map(tickLabel);
    const area = layout(known, labels);
    const { left, right, top, bottom } = area;
    const reached = Math.max(0, epochs.at(-1) ?? 0, live.at(-1)?.[0] ?? 0);
    const end = lastEpoch(reached, RUNNING.has(fit.state));
    /** @param {number} value */
    const x = (value) => left + ((right - left) * value) / end;
    /** @param {number} value */
    const height = (value) => bottom - (bottom - top) * axis.at(value);
    /** @param {Value | undefined} value */
    const y = (value) => (positive(value) ? height(value) : null);

    const epochTicks = started ? linearTicks(0, end, Math.min(10, (right - left) / 48)) : [];
    drawAxes(area, {
      x: epochTicks.filter((tick) => tick <= end && Number.isInteger(tick)).map((tick) => [
        x(tick),
        String(tick),
      ]),
      y: values.length ? axis.ticks.map((tick, i) => [y(tick) ?? bottom, labels[i]]) : [],
      xTitle: "epoch",
      yTitle: fit.measure || "loss",
    });
    if (!started) {
      text("cnn-empty", [(left + right) / 2, (top + bottom) / 2], emptyWords(fit), "middle");
    }
    drawBaselines(known, area, height);
    /**
     * @param {string} name
     * @param {[x: number, y: Value][]} points
     */
    const path = (name, points) =>
      drawing.append(s("path", { "data-line": name, d: pathOf(points) }));
    if (live.length) path("live", live.map(([at, loss]) => [x(at), y(loss)]));
    if (epochs.length) path("train", epochs.map((at, i) => [x(at), y(train[i])]));
    if (epochs.length && valid) path("validation", epochs.map((at, i) => [x(at), y(valid[i])]));
    const { best } = fit;
    const bestLoss = best == null ? null : (valid ?? train)[best];
    if (best != null && positive(bestLoss)) {
      const ring = s("circle", {
        class: "cnn-best",
        cx: x(epochs[best]),
        cy: height(bestLoss),
        r: 5,
      });
      ring.append(s("title", {}, `best epoch: ${epochs[best]}, ${formatNumber(bestLoss)}`));
      drawing.append(ring);
    }
    drawn = { area, epochs, train, valid, x, y, end, best };
    readout();
  }

  /** @param {Partial<FitView>} fit */
  const emptyWords = ({ state }) => {
    if (!state || state === "idle") return "Press Fit: loss curves grow here.";
    return state === "stopped" ? "Stopped within epoch 1: no curve yet." : "No epoch yet.";
  };

  /**
   * @param {Baseline[]} baselines
   * @param {Area & { outside: boolean }} area
   * @param {(value: number) => number} heightOf
   */
  function drawBaselines(baselines, { outside, right, left, top, bottom }, heightOf) {
    const heights = baselines.map(({ value }) => heightOf(value));
    const order = [...heights].sort((a, b) => a - b);
    // Inside the frame the first label stands above its line and the last one below.
    const wanted = outside
      ? heights
      : heights.map((at) => at !== order[0] && at === order.at(-1) ? at + 12 : at - 4);
    const placed = spread(wanted, outside ? 29 : 13, top + 9, bottom - (outside ? 16 : 4));
    baselines.forEach(({ name, value }, index) => {
      line("cnn-baseline", left, heights[index], right, heights[index]).dataset.name = name;
      const at = placed[index];
      if (outside) {
        line("cnn-leader", right + 1, heights[index], right + 8, at);
        text("cnn-baseline-name", [right + 11, at + 1], name, "start");
        text("cnn-baseline-value", [right + 11, at + 14], formatNumber(value), "start");
      } else {
        text("cnn-baseline-name", [right - 3, at], `${name} ${formatNumber(value)}`, "end");
      }
    });
  }

  /** One line that always stands there: the epoch under the pointer, else the last one. */
  function readout() {
    if (!drawn) return;
    const { area, epochs, train, valid, x, y, best } = drawn;
    const last = epochs.length - 1;
    const index = hovered === null ? last : clamp(hovered, 0, last);
    const none = index < 0;
    overlay.replaceChildren();
    const mark = index === best && !none ? " (best)" : "";
    write(epoch, none ? "" : `epoch ${epochs[index]}${mark}`);
    write(training, `training ${none ? "" : formatNumber(train[index])}`);
    write(validation, `validation ${none ? "" : formatNumber(valid?.[index])}`);
    validation.hidden = !none && !valid;
    box.classList.toggle("cnn-without", none);
    const held = valid ? `, validation ${formatNumber(valid[last])}` : "";
    svg.setAttribute(
      "aria-label",
      last < 0
        ? "Loss curves: none yet"
        : `Loss curves, last epoch ${epochs[last]}: training ${formatNumber(train[last])}${held}`,
    );
    if (hovered === null || none) return;
    const at = x(epochs[index]);
    overlay.append(s("line", { x1: at, x2: at, y1: area.top, y2: area.bottom }));
    for (const [name, series] of Object.entries({ train, validation: valid })) {
      const height = series && y(series[index]);
      if (finite(height)) {
        overlay.append(s("circle", { "data-line": name, cx: at, cy: height, r: 3 }));
      }
    }
  }

  /** @param {number | null} index */
  function point(index) {
    hovered = index;
    readout();
  }
  svg.addEventListener("pointermove", (event) => {
    if (!drawn?.epochs.length) return;
    const { area, epochs, end } = drawn;
    const value = ((pointer(event)[0] - area.left) / (area.right - area.left)) * end;
    const distances = epochs.map((each) => Math.abs(each - value));
    point(distances.indexOf(Math.min(...distances)));
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const step = SIDEWAYS[event.key];
    if (!step || !drawn?.epochs.length) return;
    event.preventDefault();
    const last = drawn.epochs.length - 1;
    point(clamp((hovered ?? last) + step, 0, last));
  });
  stage.resized.push(stage.view("curve", box, ["fit_view"], draw));
  return box;
}
