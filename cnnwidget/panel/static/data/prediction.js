// The frames of a fit: truth, prediction and error.

import { makeColourBar, NO_VALUE, paletteOf, shareOf } from "./colours.js";
import { placeWords, shapeOf } from "./frame_shape.js";
import { crossKeys, makePicture } from "./pictures.js";
import { h, labelled, options, write, writeOrHide } from "../shared/elements.js";
import { finite, formatNumber, formatShort } from "../shared/numbers.js";
import { makePlayer } from "../shared/player.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { FramesView } from "../views.d.ts"
 * @import { FrameShape, Point } from "./frame_shape.js"
 *
 * @typedef {object} Shown the newest view whose bytes are all there
 * @property {FramesView} view
 * @property {FrameShape} shape
 * @property {Uint8Array} truth
 * @property {Uint8Array} prediction
 *
 * @typedef {object} Drawn the bytes on the screen, and what they stand for
 * @property {Uint8Array} p the prediction
 * @property {Uint8Array | null} t the truth
 * @property {Uint8Array | null} e their difference
 * @property {number} low
 * @property {number} high
 * @property {(byte: number) => number} share
 * @property {string} note
 */

const MISSING = "no truth: beyond the data";
const TITLES = { truth: "truth", prediction: "prediction", error: "error |p − t|" };

/** @param {Stage} stage */
export function predictionView(stage) {
  /** @type {Point | null} */
  let point = null;
  /** @param {Point | null} at */
  const onPoint = (at) => {
    point = at;
    mark();
  };
  const pictures = Object.entries(TITLES).map(([name, title]) => makePicture(name, title, onPoint));
  const trio = h("div", {
    class: "cnn-frames",
    tabindex: "0",
    role: "group",
    "aria-label": "Truth, prediction and error; arrows move a cross",
  }, ...pictures.map(({ box }) => box));
  const colours = makeColourBar({ withError: true });
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const readout = h("p", { class: "cnn-readout" });
  const sample = h("select", { class: "cnn-sample", onchange: () => redraw() });
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const lead = h("input", {
    type: "range",
    class: "cnn-lead",
    min: 0,
    max: 0,
    step: 1,
    value: 0,
    oninput: () => redraw(),
  });
  const leadName = h("output", { class: "cnn-value" });
  const player = makePlayer(stage, () => {
    lead.valueAsNumber = lead.valueAsNumber >= Number(lead.max) ? 0 : lead.valueAsNumber + 1;
    redraw();
  });
  const channelField = labelled("channel", channel);
  const body = h(
    "div",
    { class: "cnn-shown" },
    trio,
    h("div", { class: "cnn-under" }, readout, colours.box),
    h(
      "div",
      { class: "cnn-controls-row" },
      player.button,
      labelled("lead time", lead, "cnn-grow"),
      leadName,
    ),
    h("div", { class: "cnn-controls-row" }, labelled("sample", sample, "cnn-grow"), channelField),
  );
  const empty = h(
    "p",
    { class: "cnn-hint cnn-tall" },
    "No prediction yet: it comes with the first epochs of a fit.",
  );
  const box = h("div", { class: "cnn-pane" }, empty, body);
  /** @type {Shown | null} */
  let shown = null;
  /** @type {Drawn | null} */
  let drawn = null;

  /** Take the view. It may come shortly before its bytes: until they match, the old one stays. */
  function take() {
    const { size, samples = [], leads = [], has_truth: known = [] } = stage.get("frames_view");
    if (!size) {
      shown = null;
      return;
    }
    const view = /** @type {FramesView} */ (stage.get("frames_view"));
    const shape = shapeOf(view);
    const length = samples.length * leads.length * shape.names.length * shape.pixels;
    const [truth, prediction] = [stage.bytes("truth"), stage.bytes("prediction")];
    if (prediction.length !== length) return;
    if (truth.length !== length && known.some(Boolean)) return;
    shown = { view, shape, truth, prediction };
  }

  function draw() {
    take();
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    const { view, shape, truth, prediction } = shown;
    options(sample, view.samples);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    lead.max = String(view.leads.length - 1);
    player.button.disabled = view.leads.length < 2;
    const [i, j, k] = [
      Math.max(0, sample.selectedIndex),
      lead.valueAsNumber,
      Math.max(0, channel.selectedIndex),
    ];
    write(leadName, view.leads[j]);
    lead.setAttribute("aria-valuetext", view.leads[j]);
    const at = ((i * view.leads.length + j) * shape.names.length + k) * shape.pixels;
    const known = Boolean(view.has_truth[i]);
    const p = prediction.subarray(at, at + shape.pixels);
    const t = known ? truth.subarray(at, at + shape.pixels) : null;
    const [low, high] = view.ranges[k];
    /** @type {(byte: number) => number} */
    const share = view.empty ? shareOf : (byte) => byte / 255;
    // Where there is no value there is no error, either.
    /** @type {(a: number, b: number) => number} */
    const errorOf = view.empty
      ? (a, b) => (a && b ? 1 + Math.abs(a - b) : 0)
      : (a, b) => Math.abs(a - b);
    const e = t && p.map((byte, n) => errorOf(byte, t[n]));
    drawn = { p, t, e, low, high, share, note: `${view.samples[i]}, lead time ${view.leads[j]}` };
    const ofValues = paletteOf(stage.bytes("colours"));
    const palette = ofValues.slice();
    if (view.empty) palette[0] = NO_VALUE;
    writeOrHide(nothing, view.empty);
    trio.classList.toggle("cnn-flat", shape.flat);
    fit(shape);
    if (shape.flat) drawLines(drawn, shape);
    else drawImages(drawn, shape, palette);
    colours.box.hidden = shape.flat;
    colours.draw(ofValues, low, high);
    mark();
  }

  /**
   * No higher than three fields side by side need to be, so that what is below stays close.
   * @param {FrameShape} shape
   */
  function fit({ flat, high, wide }) {
    const width = (trio.clientWidth - 16) / 3;
    trio.style.maxHeight = !flat && width > 0 ? `${Math.ceil((width * high) / wide) + 18}px` : "";
  }
  stage.resized.push(() => {
    if (shown) fit(shown.shape);
    mark();
  });

  /**
   * @param {Drawn} drawn
   * @param {FrameShape} shape
   * @param {Uint32Array} palette
   */
  function drawImages({ p, t, e, note }, shape, palette) {
    write(pictures[0].caption, TITLES.truth);
    write(pictures[2].caption, TITLES.error);
    [t, p, e].forEach((bytes, n) => {
      const picture = pictures[n];
      picture.nothing(bytes ? "" : MISSING);
      if (bytes) picture.image(bytes, shape.high, shape.wide, palette);
      picture.canvas.setAttribute("aria-label", `${picture.caption.textContent}: ${note}`);
    });
  }

  /**
   * @param {Drawn} drawn
   * @param {FrameShape} shape
   */
  function drawLines({ p, t, e, low, high, share }, shape) {
    const [fields, , errors] = pictures;
    fields.nothing("");
    fields.lines([...truthLine(t), ["prediction", p]], shape.wide, share);
    errors.nothing(e ? "" : MISSING);
    if (e) errors.lines([["error", e]], shape.wide, share);
    write(errors.caption, `error |p − t|, 0 to ${formatShort(high - low)}`);
    const truth = t ? "truth (grey), " : "";
    write(
      fields.caption,
      `${truth}prediction (blue), ${formatShort(low)} to ${formatShort(high)}`,
    );
  }

  /**
   * @param {Uint8Array | null} t
   * @returns {[name: string, bytes: Uint8Array][]}
   */
  const truthLine = (t) => (t ? [["truth", t]] : []);

  function mark() {
    if (!shown || !drawn) return;
    const { t, p, e, low, high, share } = drawn;
    const { shape } = shown;
    /**
     * @param {number} byte
     * @param {number} from
     */
    const value = (byte, from) =>
      finite(share(byte)) ? formatNumber(from + share(byte) * (high - low)) : "no value";
    for (const picture of pictures) picture.mark(point);
    const n = point ? point[0] * shape.wide + point[1] : shape.pixels;
    if (!point || n >= shape.pixels) {
      write(readout, "");
      return;
    }
    const guess = `prediction ${value(p[n], low)}`;
    const words = t && e ? `truth ${value(t[n], low)}, ${guess}, error ${value(e[n], 0)}` : guess;
    write(readout, `${placeWords(point, shape.flat)}: ${words}`);
  }

  crossKeys(trio, () => shown && shown.shape, () => point, onPoint);
  const redraw = stage.view(
    "prediction",
    box,
    ["frames_view", "truth", "prediction", "colours"],
    draw,
  );
  return { box, stop: player.stop };
}
