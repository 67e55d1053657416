// The data, frame by frame.

import { makeColourBar, NO_VALUE, paint, paletteOf, shareOf } from "./colours.js";
import { placeWords, shapeOf } from "./frame_shape.js";
import { makeHistogram } from "./histogram.js";
import { crossKeys, makePicture } from "./pictures.js";
import { frameWords, makeTimeline } from "./timeline.js";
import { fill, h, labelled, options, write, writeOrHide } from "../shared/elements.js";
import { finite, formatShort } from "../shared/numbers.js";
import { makePlayer } from "../shared/player.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { DataView, Scale } from "../views.d.ts"
 * @import { FrameShape, Point } from "./frame_shape.js"
 *
 * @typedef {object} Shown the newest view whose bytes are all there
 * @property {DataView} view
 * @property {FrameShape} shape
 * @property {Uint8Array} bytes
 *
 * @typedef {{ scale: Scale, bytes: Uint8Array }} Drawn the frame and the channel on the screen
 */

/** @param {Stage} stage */
export function dataView(stage) {
  /** @type {Point | null} */
  let point = null;
  /** @param {Point | null} at */
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
  const colours = makeColourBar({ above: histogram.box });
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const line = h("p", { class: "cnn-data-line" });
  const facts = h("dl", { class: "cnn-data-facts" });
  const readout = h("p", { class: "cnn-readout" });
  const above = h("p", { class: "cnn-hint" }, "histogram of the values");
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const channelField = labelled("channel", channel);
  const timeline = makeTimeline();
  const player = makePlayer(stage, "cnn-time", () => redraw());
  const body = h(
    "div",
    { class: "cnn-shown" },
    line,
    facts,
    figure,
    h(
      "div",
      { class: "cnn-under cnn-measured" },
      h("div", { class: "cnn-said-above" }, readout, above),
      colours.box,
    ),
    h(
      "div",
      { class: "cnn-controls-row" },
      player.button,
      player.field,
      player.name,
      channelField,
    ),
    timeline.box,
    timeline.legend,
  );
  const empty = h("p", { class: "cnn-hint cnn-tall" }, "No data yet.");
  const box = h("div", { class: "cnn-pane" }, empty, body);
  /** @type {Shown | null} */
  let shown = null;
  /** @type {Drawn | null} */
  let drawn = null;

  /** Take the view. It may come shortly before its bytes: until they match, the old one stays. */
  function take() {
    const { size, name, shown: numbers = [] } = stage.get("data_view");
    if (!size) {
      shown = null;
      return;
    }
    const view = /** @type {DataView} */ (stage.get("data_view"));
    const shape = shapeOf(view);
    const bytes = stage.bytes("data_frames");
    const length = numbers.length * shape.names.length * shape.pixels;
    if (!length || bytes.length !== length) return;
    if (shown?.view.name !== name) player.toStart(); // other data begin at their beginning
    shown = { view, shape, bytes };
  }

  function draw() {
    take();
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    drawFacts(shown.view);
    drawFrame(shown);
    nameFrame(shown.view);
    timeline.draw(shown.view, shown.view.shown[player.at()]);
    mark();
  }

  /** @param {DataView} view */
  function drawFacts(view) {
    write(line, [view.name, view.line].filter(Boolean).join(": "));
    line.title = line.textContent;
    fill(facts, view.facts, () => h("div", {}, h("dt"), h("dd")), (fact, { label, value }) => {
      fact.dataset.fact = label;
      write(fact.children[0], label);
      write(fact.children[1], value);
      fact.title = `${label}: ${value}`;
      fact.classList.toggle("cnn-missing", label === "missing" && view.missing > 0);
    });
    writeOrHide(nothing, view.empty);
  }

  /** @param {Shown} shown */
  function drawFrame({ view, shape, bytes }) {
    const palette = paletteOf(stage.bytes("colours"));
    const ofValues = palette.slice();
    palette[0] = NO_VALUE;
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    player.over("time", view.shown.length);
    const k = Math.max(0, channel.selectedIndex);
    const scale = view.scales[k];
    histogram.draw(scale);
    above.hidden = !scale.histogram.length;
    /** @param {number} i */
    const frameAt = (i) => {
      const at = (i * shape.names.length + k) * shape.pixels;
      return bytes.subarray(at, at + shape.pixels);
    };
    const now = frameAt(player.at());
    drawn = { scale, bytes: now };
    course.hidden = !shape.flat;
    figure.classList.toggle("cnn-flat", shape.flat);
    colours.draw(ofValues, scale.low, scale.high, scale.ends);
    if (shape.flat) {
      picture.lines([["truth", now]], shape.wide, shareOf);
      drawCourse(view.shown.length, shape.wide, frameAt, palette);
    } else picture.image(now, shape.high, shape.wide, palette);
    const both = `the frame, ${scale.ends.join(" to ")}; below it all frames, time downwards`;
    write(picture.caption, shape.flat ? both : "");
    picture.canvas.setAttribute(
      "aria-label",
      `${view.name}, ${frameWords(view, player.at())}`,
    );
  }

  /**
   * Data of one axis as space over time, as one is used to see waves.
   * @param {number} steps
   * @param {number} wide
   * @param {(i: number) => Uint8Array} frameAt
   * @param {Uint32Array} palette
   */
  function drawCourse(steps, wide, frameAt, palette) {
    const words = new Uint32Array(steps * wide);
    for (let i = 0; i < steps; i += 1) {
      frameAt(i).forEach((byte, n) => {
        words[i * wide + n] = palette[byte];
      });
    }
    paint(course, words, steps, wide);
  }

  /** @param {DataView} view */
  function nameFrame(view) {
    const at = view.shown[player.at()];
    const part = view.parts.find(({ from, to }) => at >= from && at < to);
    const words = frameWords(view, player.at());
    player.call([words, part?.name].filter(Boolean).join(", "));
    // As wide as its longest text, so that the slider keeps its length while frames play.
    player.name.style.minWidth = `${frameWords(view, view.shown.length - 1).length + 11}ch`;
  }

  function mark() {
    if (!shown || !drawn) return;
    const { view, shape } = shown;
    picture.mark(point);
    const byte = point && drawn.bytes[point[0] * shape.wide + point[1]];
    const text = point && finite(byte)
      ? `${placeWords(point, shape.flat, view.step)}: ${valueWords(byte, drawn.scale, view.units)}`
      : "";
    write(readout, text);
  }

  /**
   * The value of a byte with its units. A byte distinguishes 254 values.
   * @param {number} byte
   * @param {Scale} scale
   * @param {string} units
   */
  function valueWords(byte, { low, high, ends, digits }, units) {
    if (!byte || low === null || high === null) return "no value";
    const value = low === high ? ends[0] : formatShort(low + shareOf(byte) * (high - low), digits);
    return [value, units].filter(Boolean).join(" ");
  }

  crossKeys(figure, () => shown && shown.shape, () => point, onPoint);
  const redraw = stage.view("data", box, ["data_view", "data_frames", "colours"], draw);
  return { box, stop: player.stop };
}
