// The loss curves of a fit.

import { lastEpoch, linearTicks, pathOf, spread, tickLabel, verticalAxis } from "../shared/axes.js";
import { h, s, write } from "../shared/elements.js";
import { clamp, finite, number } from "../shared/numbers.js";
import { RUNNING } from "./fit_state.js";

export function curveView(stage) {
  const drawing = s("g");
  const rule = s("g", { class: "cnn-rule" });
  const svg = s(
    "svg",
    { class: "cnn-curve", role: "img", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
    drawing,
    rule,
  );
  const epoch = h("span", { class: "cnn-legend-epoch" });
  const training = h("span", { class: "cnn-key", "data-line": "train" });
  const validation = h("span", { class: "cnn-key", "data-line": "validation" });
  const box = h(
    "div",
    { class: "cnn-curve-box" },
    h("p", { class: "cnn-readout cnn-legend" }, epoch, training, validation),
    svg,
  );
  let frame = null; // where things lie, for the pointer
  let hovered = null;
  const ruler = document.createElement("canvas").getContext("2d");
  const widest = (words) =>
    Math.ceil(Math.max(0, ...words.map((word) => ruler.measureText(word).width)));

  /** Where things lie: labels get the room they need, the title of the axis 18 px beside them. */
  function layout(fit, labels) {
    ruler.font = `11px ${getComputedStyle(box).fontFamily}`;
    const width = Math.max(240, svg.clientWidth || box.clientWidth || 480);
    const height = svg.clientHeight || 250;
    const baselines = (fit.baselines ?? []).filter(({ value }) => finite(value) && value > 0);
    const outside = width >= 440;
    const longest = widest(baselines.flatMap(({ name, value }) => [name, number(value)]));
    const right = outside && baselines.length ? Math.min(150, longest + 14) : 12;
    const left = Math.max(56, 18 + widest(labels) + 7);
    return {
      width,
      height,
      baselines,
      outside,
      left,
      right: width - right,
      top: 10,
      bottom: height - 38,
    };
  }

  function draw() {
    const fit = stage.get("fit_view");
    const { epoch: epochs = [], train = [], valid } = fit.curve ?? {};
    const live = fit.live ?? [];
    const usable = (value) => finite(value) && value > 0;
    const losses = [...train, ...(valid ?? []), ...live.map(([, loss]) => loss)];
    const values = [...losses, ...(fit.baselines ?? []).map(({ value }) => value)].filter(usable);
    const started = epochs.length > 0 || live.length > 0;
    const axis = verticalAxis(values);
    const labels = axis.ticks.map(tickLabel);
    const area = layout(fit, labels);
    const { width, height, left, right, top, bottom } = area;
    const end = lastEpoch(
      Math.max(0, epochs.at(-1) ?? 0, live.at(-1)?.[0] ?? 0),
      RUNNING.has(fit.state),
    );
    const x = (value) => left + ((right - left) * value) / end;
    const y = (value) => (usable(value) ? bottom - (bottom - top) * axis.at(value) : null);

    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    const text = (className, at, words, anchor) =>
      drawing.appendChild(
        s("text", { class: className, x: at[0], y: at[1], "text-anchor": anchor }, words),
      );
    const line = (className, x1, y1, x2, y2) =>
      drawing.appendChild(s("line", { class: className, x1, y1, x2, y2 }));

    if (values.length) {
      axis.ticks.forEach((tick, i) => {
        line("cnn-grid", left, y(tick) ?? bottom, right, y(tick) ?? bottom);
        text("cnn-tick", [left - 7, (y(tick) ?? bottom) + 4], labels[i], "end");
      });
    }
    if (started) {
      for (const tick of linearTicks(0, end, Math.min(10, (right - left) / 48))) {
        if (tick > end || !Number.isInteger(tick)) continue;
        line("cnn-axis", x(tick), bottom, x(tick), bottom + 4);
        text("cnn-tick", [x(tick), bottom + 16], String(tick), "middle");
      }
    }
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], "epoch", "middle");
    const measure = text("cnn-axis-label", [0, 0], fit.measure || "loss", "middle");
    measure.setAttribute("transform", `translate(11 ${(top + bottom) / 2}) rotate(-90)`);
    if (!started) {
      text("cnn-empty", [(left + right) / 2, (top + bottom) / 2], emptyWords(fit), "middle");
    }

    drawBaselines(area, y, line, text);
    const path = (name, points) =>
      drawing.append(s("path", { "data-line": name, d: pathOf(points) }));
    if (live.length) path("live", live.map(([at, loss]) => [x(at), y(loss)]));
    if (epochs.length) path("train", epochs.map((at, i) => [x(at), y(train[i])]));
    if (epochs.length && valid) path("validation", epochs.map((at, i) => [x(at), y(valid[i])]));
    const best = fit.best;
    const bestLoss = best == null ? null : (valid ?? train)[best];
    if (usable(bestLoss)) {
      const ring = s("circle", { class: "cnn-best", cx: x(epochs[best]), cy: y(bestLoss), r: 5 });
      ring.append(s("title", {}, `best epoch: ${epochs[best]}, ${number(bestLoss)}`));
      drawing.append(ring);
    }
    frame = { epochs, train, valid, x, y, top, bottom, left, right, end, best };
    readout();
  }

  const emptyWords = ({ state }) => {
    if (!state || state === "idle") return "Press Fit: loss curves grow here.";
    return state === "stopped" ? "Stopped within epoch 1: no curve yet." : "No epoch yet.";
  };

  function drawBaselines({ baselines, outside, right, left, top, bottom }, y, line, text) {
    const heights = baselines.map(({ value }) => y(value));
    const order = [...heights].sort((a, b) => a - b);
    // Inside the frame the first label stands above its line and the last one below.
    const wanted = outside
      ? heights
      : heights.map((at) => (at === order[0] ? at - 4 : at === order.at(-1) ? at + 12 : at - 4));
    const placed = spread(wanted, outside ? 29 : 13, top + 9, bottom - (outside ? 16 : 4));
    baselines.forEach(({ name, value }, index) => {
      line("cnn-baseline", left, heights[index], right, heights[index]).dataset.name = name;
      const at = placed[index];
      if (outside) {
        line("cnn-leader", right + 1, heights[index], right + 8, at);
        text("cnn-baseline-name", [right + 11, at + 1], name, "start");
        text("cnn-baseline-value", [right + 11, at + 14], number(value), "start");
      } else text("cnn-baseline-name", [right - 3, at], `${name} ${number(value)}`, "end");
    });
  }

  /** One line that always stands there: the epoch under the pointer, else the last one. */
  function readout() {
    const { epochs, train, valid, x, y, top, bottom, best } = frame;
    const last = epochs.length - 1;
    const index = hovered == null ? last : clamp(hovered, 0, last);
    rule.replaceChildren();
    const mark = index === best && index >= 0 ? " (best)" : "";
    write(epoch, index < 0 ? "" : `epoch ${epochs[index]}${mark}`);
    write(training, `training ${index < 0 ? "" : number(train[index])}`);
    write(validation, `validation ${index < 0 ? "" : number(valid?.[index])}`);
    validation.hidden = index >= 0 && !valid;
    box.classList.toggle("cnn-without", index < 0);
    const losses = `training ${number(train[last])}${
      valid ? `, validation ${number(valid[last])}` : ""
    }`;
    svg.setAttribute(
      "aria-label",
      last < 0 ? "Loss curves: none yet" : `Loss curves, last epoch ${epochs[last]}: ${losses}`,
    );
    if (hovered == null || index < 0) return;
    const at = x(epochs[index]);
    rule.append(s("line", { x1: at, x2: at, y1: top, y2: bottom }));
    for (const [name, series] of [["train", train], ["validation", valid]]) {
      const height = series && y(series[index]);
      if (finite(height)) rule.append(s("circle", { "data-line": name, cx: at, cy: height, r: 3 }));
    }
  }

  function point(index) {
    hovered = index;
    if (frame) readout();
  }
  svg.addEventListener("pointermove", (event) => {
    if (!frame?.epochs.length) return;
    const seen = svg.getBoundingClientRect();
    const across = (event.clientX - seen.left) * (svg.viewBox.baseVal.width / seen.width);
    const value = ((across - frame.left) / (frame.right - frame.left)) * frame.end;
    let nearest = 0;
    frame.epochs.forEach((each, i) => {
      if (Math.abs(each - value) < Math.abs(frame.epochs[nearest] - value)) nearest = i;
    });
    point(nearest);
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !frame?.epochs.length) return;
    event.preventDefault();
    const last = frame.epochs.length - 1;
    point(clamp((hovered ?? last) + step, 0, last));
  });
  stage.resized.push(stage.view("curve", box, ["fit_view"], draw));
  return box;
}
