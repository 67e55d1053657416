// The plot of a check: one series over numbers, over powers of ten, or over names.

import {
  fewPowers,
  lastEpoch,
  linearTicks,
  LOG_FROM,
  logTicks,
  pathOf,
  tickLabel,
  verticalAxis,
} from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { SIDEWAYS } from "../shared/keys.js";
import { clamp, finite } from "../shared/numbers.js";
import { makePlotFrame } from "../shared/plot_frame.js";

/**
 * @import { Area, Tick } from "../shared/plot_frame.js"
 * @import { CheckPlot, Value } from "../views.d.ts"
 *
 * @callback PointText what a point of the plot says
 * @param {number} x
 * @param {Value} y
 * @param {CheckPlot} plot
 * @param {boolean} first whether no point is pointed at yet
 * @returns {string}
 *
 * @typedef {[x: number, y: Value]} Point
 * @typedef {{ plot: CheckPlot, points: Point[], area: Area }} Drawn
 */

const LEFT = 58; // room for the title and the labels of the vertical axis

/**
 * The horizontal axis: its ticks, and `at`, which places a value from 0 to 1.
 * @param {CheckPlot} plot
 * @returns {{ at: (value: number) => number, ticks: Tick[] }}
 */
function horizontalAxis({ x, scale, names = [], x_range: range }) {
  if (scale === "names") {
    return { at: (i) => (i + 0.5) / names.length, ticks: x.map((i) => [i, names[i]]) };
  }
  const [low, high] = range ?? [0, lastEpoch(Math.max(1, ...x), true)];
  if (scale !== "log") {
    return {
      at: (value) => value / high,
      ticks: linearTicks(0, high, 6).map((tick) => [tick, String(tick)]),
    };
  }
  const [a, b] = [Math.log(low), Math.log(high)];
  return {
    at: (value) => (Math.log(value) - a) / (b - a || 1),
    ticks: fewPowers(logTicks(low, high)).map((tick) => [tick, tickLabel(tick)]),
  };
}

/**
 * A plot whose points say in words what they are.
 * @param {PointText} pointText
 */
export function makeCheckPlot(pointText) {
  const { svg, drawing, overlay, line, text, size, drawAxes, pointer } = makePlotFrame(
    "cnn-curve",
    "cnn-rule",
  );
  const readout = h("p", { class: "cnn-readout" });
  const box = h("div", { class: "cnn-curve-box" }, readout, svg);
  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {number | null} */
  let pointed = null;

  /** @param {CheckPlot} plot */
  function draw(plot) {
    const { width, height, bottom } = size(box, 220);
    const area = { width, height, left: LEFT, right: width - 14, top: 12, bottom };
    const values = [...plot.y, plot.mark?.y].filter(finite);
    const horizontal = horizontalAxis(plot);
    const vertical = verticalAxis(values, plot.scale === "log" ? 1 : LOG_FROM);
    /** @param {number} value */
    const x = (value) => area.left + (area.right - area.left) * horizontal.at(value);
    /** @param {number} value */
    const y = (value) => bottom - (bottom - area.top) * vertical.at(value);
    drawAxes(area, {
      x: horizontal.ticks.map(([tick, label]) => [x(tick), label]),
      y: values.length ? vertical.ticks.map((tick) => [y(tick), tickLabel(tick)]) : [],
      xTitle: plot.x_name,
      yTitle: plot.y_name,
    });
    /** @type {Point[]} */
    const points = plot.x.map((value, i) => {
      const height = plot.y[i];
      return [x(value), finite(height) ? y(height) : null];
    });
    if (plot.scale === "names") {
      for (const [cx, cy] of points) {
        if (finite(cy)) drawing.append(s("circle", { class: "cnn-dot-of", cx, cy, r: 4 }));
      }
    } else drawing.append(s("path", { "data-line": "train", d: pathOf(points) }));
    drawMark(plot, points, area, x, y);
    drawn = { plot, points, area };
    read(drawn);
  }

  /**
   * @param {CheckPlot} plot
   * @param {Point[]} points
   * @param {Area} area
   * @param {(value: number) => number} x
   * @param {(value: number) => number} y
   */
  function drawMark({ mark = {} }, points, { left, right, top, bottom }, x, y) {
    const name = mark.name ?? "";
    if (finite(mark.x)) {
      const at = x(mark.x);
      line("cnn-baseline", at, top, at, bottom);
      const late = at > (left + right) / 2;
      text("cnn-baseline-name", [at + (late ? -5 : 5), bottom - 8], name, late ? "end" : "start");
    }
    if (finite(mark.y)) {
      line("cnn-baseline", left, y(mark.y), right, y(mark.y));
      text("cnn-baseline-name", [right - 3, y(mark.y) - 4], name, "end");
    }
    if (mark.point === undefined) return;
    const [cx, cy] = points[mark.point];
    if (finite(cy)) drawing.append(s("circle", { class: "cnn-best", cx, cy, r: 8 }));
  }

  /**
   * The point where one looks first: at the mark, else the last one.
   * @param {Drawn} drawn
   */
  function first({ plot, points }) {
    const marked = plot.mark?.x;
    if (!finite(marked)) return points.findLastIndex(([, y]) => finite(y));
    const far = plot.x.map((value) => Math.abs(Math.log(value / marked)));
    return far.indexOf(Math.min(...far));
  }

  /**
   * Put into words the point under the pointer, else the one where one looks first.
   * @param {Drawn} drawn
   */
  function read(drawn) {
    const { plot, points, area } = drawn;
    const i = pointed === null ? first(drawn) : clamp(pointed, 0, points.length - 1);
    write(readout, i < 0 ? "" : pointText(plot.x[i], plot.y[i], plot, pointed === null));
    svg.setAttribute("aria-label", `${plot.y_name} over ${plot.x_name}. ${readout.textContent}`);
    overlay.replaceChildren();
    if (pointed === null || i < 0) return;
    const [x, y] = points[i];
    overlay.append(s("line", { x1: x, x2: x, y1: area.top, y2: area.bottom }));
    if (finite(y)) overlay.append(s("circle", { cx: x, cy: y, r: 3 }));
  }

  /** @param {number | null} index */
  function point(index) {
    pointed = index;
    if (drawn) read(drawn);
  }
  svg.addEventListener("pointermove", (event) => {
    if (!drawn?.points.length) return;
    const [at] = pointer(event);
    const far = drawn.points.map(([x]) => Math.abs(x - at));
    point(far.indexOf(Math.min(...far)));
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const step = SIDEWAYS[event.key];
    if (!step || !drawn?.points.length) return;
    event.preventDefault();
    point(clamp((pointed ?? first(drawn)) + step, 0, drawn.points.length - 1));
  });
  return { box, draw };
}
