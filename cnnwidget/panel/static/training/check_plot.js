// The plot of a check.

import {
  lastEpoch,
  linearTicks,
  LOG_FROM,
  logTicks,
  pathOf,
  tickLabel,
  verticalAxis,
} from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { clamp, finite } from "../shared/numbers.js";

/** A plot of one series: over numbers, over powers of ten, or over names; `told` says its points. */
export function makePlot(told) {
  const drawing = s("g");
  const rule = s("g", { class: "cnn-rule" });
  const svg = s(
    "svg",
    { class: "cnn-curve", role: "img", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
    drawing,
    rule,
  );
  const readout = h("p", { class: "cnn-readout" });
  const box = h("div", { class: "cnn-curve-box" }, readout, svg);
  let shown = null;
  let pointed = null;

  function across({ x, scale, names = [], x_range: range }) {
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
    const powers = logTicks(low, high).filter((tick) => tick.toExponential().startsWith("1e"));
    return {
      at: (value) => (Math.log(value) - a) / (b - a || 1),
      ticks: powers.map((tick) => [tick, tickLabel(tick)]),
    };
  }

  function draw(plot) {
    const width = Math.max(240, svg.clientWidth || box.clientWidth || 480);
    const height = svg.clientHeight || 220;
    const [left, right, top, bottom] = [58, width - 14, 12, height - 38];
    const values = [...plot.y, plot.mark?.y].filter(finite);
    const [horizontal, vertical] = [
      across(plot),
      verticalAxis(values, plot.scale === "log" ? 1 : LOG_FROM),
    ];
    const x = (value) => left + (right - left) * horizontal.at(value);
    const y = (value) => (finite(value) ? bottom - (bottom - top) * vertical.at(value) : null);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    const line = (name, x1, y1, x2, y2) =>
      drawing.append(s("line", { class: name, x1, y1, x2, y2 }));
    const text = (name, at, words, anchor) =>
      drawing.appendChild(
        s("text", { class: name, x: at[0], y: at[1], "text-anchor": anchor }, words),
      );
    for (const tick of values.length ? vertical.ticks : []) {
      line("cnn-grid", left, y(tick), right, y(tick));
      text("cnn-tick", [left - 7, y(tick) + 4], tickLabel(tick), "end");
    }
    for (const [tick, words] of horizontal.ticks) {
      line("cnn-axis", x(tick), bottom, x(tick), bottom + 4);
      text("cnn-tick", [x(tick), bottom + 16], words, "middle");
    }
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], plot.x_name, "middle");
    text("cnn-axis-label", [0, 0], plot.y_name, "middle").setAttribute(
      "transform",
      `translate(11 ${(top + bottom) / 2}) rotate(-90)`,
    );
    const points = plot.x.map((value, i) => [x(value), y(plot.y[i])]);
    const dots = plot.scale === "names";
    if (!dots) drawing.append(s("path", { "data-line": "train", d: pathOf(points) }));
    else {for (const [cx, cy] of points) {
        if (finite(cy)) drawing.append(s("circle", { class: "cnn-dot-of", cx, cy, r: 4 }));
      }}
    drawMark(plot, points, { x, y, left, right, top, bottom }, line, text);
    shown = { plot, points, top, bottom };
    read();
  }

  function drawMark({ mark }, points, { x, y, left, right, top, bottom }, line, text) {
    if (finite(mark?.x)) {
      line("cnn-baseline", x(mark.x), top, x(mark.x), bottom);
      const late = x(mark.x) > (left + right) / 2;
      text(
        "cnn-baseline-name",
        [x(mark.x) + (late ? -5 : 5), bottom - 8],
        mark.name,
        late ? "end" : "start",
      );
    }
    if (finite(mark?.y)) {
      line("cnn-baseline", left, y(mark.y), right, y(mark.y));
      text("cnn-baseline-name", [right - 3, y(mark.y) - 4], mark.name, "end");
    }
    const [cx, cy] = points[mark?.point] ?? [];
    if (finite(cy)) drawing.append(s("circle", { class: "cnn-best", cx, cy, r: 8 }));
  }

  /** Where one looks first: at what is proposed, else at the last point there is. */
  function first() {
    const { plot, points } = shown;
    if (!finite(plot.mark?.x)) return points.findLastIndex(([, y]) => finite(y));
    const far = plot.x.map((value) => Math.abs(Math.log(value / plot.mark.x)));
    return far.indexOf(Math.min(...far));
  }

  /** In words, always: the point under the pointer, else where one looks first. */
  function read() {
    const { plot, points, top, bottom } = shown;
    const i = pointed == null ? first() : clamp(pointed, 0, points.length - 1);
    write(readout, i < 0 ? "" : told(plot.x[i], plot.y[i], plot, pointed == null));
    svg.setAttribute("aria-label", `${plot.y_name} over ${plot.x_name}. ${readout.textContent}`);
    rule.replaceChildren();
    if (pointed == null || i < 0) return;
    const [x, y] = points[i];
    rule.append(s("line", { x1: x, x2: x, y1: top, y2: bottom }));
    if (finite(y)) rule.append(s("circle", { cx: x, cy: y, r: 3 }));
  }

  function point(index) {
    pointed = index;
    if (shown) read();
  }
  svg.addEventListener("pointermove", (event) => {
    if (!shown?.points.length) return;
    const seen = svg.getBoundingClientRect();
    const at = (event.clientX - seen.left) * (svg.viewBox.baseVal.width / seen.width);
    const far = shown.points.map(([x]) => Math.abs(x - at));
    point(far.indexOf(Math.min(...far)));
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !shown?.points.length) return;
    event.preventDefault();
    point(clamp((pointed ?? first()) + step, 0, shown.points.length - 1));
  });
  return { box, draw };
}
