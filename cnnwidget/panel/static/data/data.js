// The data, frame by frame.

import { makeColourBar, NO_VALUE, paletteOf, shareOf } from "./colours.js";
import { placeWords, shapeOf } from "./frame_shape.js";
import { makeHistogram } from "./histogram.js";
import { crossKeys, makePicture } from "./pictures.js";
import { fill, h, labelled, options, write, writeOrHide } from "../shared/elements.js";
import { clamp, finite, plain } from "../shared/numbers.js";
import { makePlayer } from "../shared/player.js";

export function dataView(stage) {
  let point = null;
  const onPoint = (at) => {
    point = at;
    mark();
  };
  const picture = makePicture("data", "", onPoint);
  const course = h("canvas", {
    class: "cnn-course",
    width: 1,
    height: 1,
    role: "img",
    "aria-label": "all frames, time downwards",
  });
  const figure = h(
    "div",
    { class: "cnn-data", tabindex: "0", role: "group", "aria-label": "Data; arrows move a cross" },
    picture.box,
    course,
  );
  const histogram = makeHistogram();
  const colours = makeColourBar(false, histogram.box);
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const line = h("p", { class: "cnn-data-line" });
  const facts = h("dl", { class: "cnn-data-facts" });
  const said = h("p", { class: "cnn-readout" });
  const above = h("p", { class: "cnn-hint" }, "histogram of the values");
  const time = h("input", {
    type: "range",
    class: "cnn-time",
    min: 0,
    max: 0,
    step: 1,
    value: 0,
    oninput: () => redraw(),
  });
  const timeName = h("output", { class: "cnn-value cnn-time-value" });
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const channelField = labelled("channel", channel);
  const marker = h("i", { class: "cnn-marker" });
  const around = h("div", { class: "cnn-window" });
  const parts = h("div", { class: "cnn-parts" });
  const timeline = h("div", { class: "cnn-timeline", role: "img" }, around, parts, marker);
  const legend = h("p", { class: "cnn-part-names" });
  const player = makePlayer(stage, () => {
    time.value = time.valueAsNumber >= Number(time.max) ? 0 : time.valueAsNumber + 1;
    redraw();
  });
  const body = h(
    "div",
    { class: "cnn-shown" },
    line,
    facts,
    figure,
    h(
      "div",
      { class: "cnn-under cnn-measured" },
      h("div", { class: "cnn-said-above" }, said, above),
      colours.box,
    ),
    h(
      "div",
      { class: "cnn-controls-row" },
      player.button,
      labelled("time", time, "cnn-grow"),
      timeName,
      channelField,
    ),
    timeline,
    legend,
  );
  const empty = h("p", { class: "cnn-hint cnn-tall" }, "No data yet.");
  const box = h("div", { class: "cnn-pane" }, empty, body);
  let shown = null;
  let shape = null;
  let now = null;
  let scale = null; // of the channel that is shown

  function draw() {
    const view = stage.get("data_view");
    const bytes = stage.bytes("data_frames");
    const of = shapeOf(view);
    const wanted = (view.shown?.length ?? 0) * of.names.length * of.pixels;
    if (!view.size) shown = null;
    else if (wanted && bytes.length === wanted) {
      if (shown?.view.name !== view.name) time.value = 0; // other data begin at their beginning
      [shown, shape] = [{ view, bytes }, of];
    }
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    drawFrame(shown.view, shown.bytes);
    drawTimeline(shown.view);
    mark();
  }

  function drawFrame(view, bytes) {
    const palette = paletteOf(stage.bytes("colours"));
    const ofValues = palette.slice();
    palette[0] = NO_VALUE;
    write(line, [view.name, view.line].filter(Boolean).join(": "));
    line.title = line.textContent;
    fill(
      facts,
      view.facts ?? [],
      () => h("div", {}, h("dt"), h("dd")),
      (fact, { label, value }) => {
        fact.dataset.fact = label;
        write(fact.children[0], label);
        write(fact.children[1], value);
        fact.title = `${label}: ${value}`;
        fact.classList.toggle("cnn-missing", label === "missing" && view.missing > 0);
      },
    );
    writeOrHide(nothing, view.empty);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    time.max = view.shown.length - 1;
    const k = Math.max(0, channel.selectedIndex);
    scale = view.scales[k];
    histogram.draw(scale);
    above.hidden = !scale.histogram.length;
    const frameAt = (i) => {
      const at = (i * shape.names.length + k) * shape.pixels;
      return bytes.subarray(at, at + shape.pixels);
    };
    now = frameAt(time.valueAsNumber);
    course.hidden = !shape.flat;
    figure.classList.toggle("cnn-flat", shape.flat);
    colours.draw(ofValues, scale.low, scale.high, scale.ends);
    if (shape.flat) {
      picture.lines([["truth", now]], shape.wide, shareOf);
      drawCourse(view.shown.length, frameAt, palette);
    } else picture.image(now, shape.high, shape.wide, palette);
    const both = `the frame, ${scale.ends.join(" to ")}; below it all frames, time downwards`;
    write(picture.caption, shape.flat ? both : "");
    picture.canvas.setAttribute("aria-label", `${view.name}, ${whenWords(view)}`);
  }

  /** A frame by its number and, where there is one, its date. */
  function whenWords({ shown: numbers, times = [] }, i = time.valueAsNumber) {
    return [`frame ${numbers[i]}`, times[i]].filter(Boolean).join(", ");
  }

  /** Data of one axis as space over time, as one is used to see waves. */
  function drawCourse(steps, frameAt, palette) {
    const words = new Uint32Array(steps * shape.wide);
    for (let i = 0; i < steps; i += 1) {
      frameAt(i).forEach((byte, n) => {
        words[i * shape.wide + n] = palette[byte];
      });
    }
    course.width = shape.wide;
    course.height = steps;
    course.getContext("2d").putImageData(
      new ImageData(new Uint8ClampedArray(words.buffer), shape.wide, steps),
      0,
      0,
    );
  }

  function drawTimeline(view) {
    const at = view.shown[time.valueAsNumber];
    const part = (view.parts ?? []).find(({ from, to }) => at >= from && at < to);
    const share = (step) => `${(100 * step) / (view.steps || 1)}%`;
    write(timeName, [whenWords(view), part?.name].filter(Boolean).join(", "));
    time.setAttribute("aria-valuetext", timeName.textContent);
    // As wide as its longest text, so that the slider keeps its length while frames play.
    timeName.style.minWidth = `${whenWords(view, view.shown.length - 1).length + 11}ch`;
    drawWindow(view, at, share);
    marker.style.left = share(at + 0.5);
    fill(parts, view.parts ?? [], () => h("i"), (bar, { name, from, to }) => {
      bar.dataset.part = name;
      bar.title = `${name}: frames ${from} to ${to - 1}`;
      bar.style.left = share(from);
      bar.style.width = share(to - from);
    });
    const named = (view.parts ?? []).filter(({ name }, i, all) =>
      all.findIndex((other) => other.name === name) === i
    );
    const lengths = view.window
      ? ["history", "horizon"].map((name) => ({ name, length: view.window[name] }))
      : [];
    fill(legend, [...lengths, ...named], () => h("span"), (item, { name, length, from, to }) => {
      item.dataset.part = name;
      write(
        item,
        length ? `${name} ${length}` : name === "gap" ? "gap" : `${name} ${from}–${to - 1}`,
      );
    });
  }

  /** The window that ends its history with the frame shown, or the nearest one there is. */
  function drawWindow({ window: lengths, steps }, at, share) {
    const { history = 0, horizon = 0 } = lengths ?? {};
    const from = clamp(at + 1 - history, 0, steps - history - horizon);
    const strokes = lengths
      ? [["history", from, from + history], ["horizon", from + history, from + history + horizon]]
      : [];
    const words = strokes.map(([name, first, end]) => `${name}: frames ${first} to ${end - 1}`);
    fill(around, strokes, () => h("i"), (stroke, [name, first, end], i) => {
      stroke.dataset.part = name;
      stroke.title = words[i];
      stroke.style.left = share(first);
      stroke.style.width = share(end - first);
    });
    timeline.setAttribute("aria-label", ["All frames in time", ...words].join("; "));
  }

  function mark() {
    if (!shown) return;
    picture.mark(point);
    const byte = point && now[point[0] * shape.wide + point[1]];
    const { low, high, ends, digits } = scale;
    const { units, step } = shown.view;
    // A byte tells one value in 254 from the next.
    const told = () => (low === high ? ends[0] : plain(low + shareOf(byte) * (high - low), digits));
    const value = () => (byte ? [told(), units].filter(Boolean).join(" ") : "no value");
    write(said, finite(byte) ? `${placeWords(point, shape.flat, step)}: ${value()}` : "");
  }

  crossKeys(figure, () => shown && shape, () => point, onPoint);
  const redraw = stage.view("data", box, ["data_view", "data_frames", "colours"], draw);
  return { box, stop: player.stop };
}
