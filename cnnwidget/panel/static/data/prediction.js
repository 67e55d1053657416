// The frames of a fit: truth, prediction and error, and further pictures that its task has.

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
 * @property {Uint8Array[]} further
 *
 * @typedef {ReturnType<typeof makePicture>} Picture
 *
 * @typedef {object} Drawn the bytes on the screen, and what they stand for
 * @property {Uint8Array[]} f the further pictures
 * @property {Uint8Array} p the prediction
 * @property {Uint8Array | null} t the truth
 * @property {Uint8Array | null} e their difference
 * @property {number} low
 * @property {number} high
 * @property {(byte: number) => number} share
 * @property {string} note
 */

const ERROR = "absolute error";

/** @param {Stage} stage */
export function predictionView(stage) {
  /** @type {Point | null} */
  let point = null;
  /** @param {Point | null} at */
  const onPoint = (at) => {
    point = at;
    mark();
  };
  const [truthPicture, predictionPicture, errorPicture] = ["truth", "prediction", "error"].map(
    (name) => makePicture(name, "", onPoint),
  );
  /** @type {Picture[]} */
  let furtherPictures = [];
  const pictures = () => [...furtherPictures, truthPicture, predictionPicture, errorPicture];
  const row = h("div", { class: "cnn-frames", tabindex: "0", role: "group" });
  const colours = makeColourBar({ withError: true });
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const readout = h("p", { class: "cnn-readout" });
  const sample = h("select", { class: "cnn-sample", onchange: () => redraw() });
  const channel = h("select", { class: "cnn-channel", onchange: () => redraw() });
  const player = makePlayer(stage, "cnn-step", () => redraw());
  const channelField = labelled("channel", channel);
  const body = h(
    "div",
    { class: "cnn-shown" },
    row,
    h("div", { class: "cnn-under" }, readout, colours.box),
    h(
      "div",
      { class: "cnn-controls-row" },
      player.button,
      player.field,
      player.name,
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
    const { size, samples = [], frames = [], has_truth: known = [] } = stage.get("frames_view");
    if (!size) {
      shown = null;
      return;
    }
    const view = /** @type {FramesView} */ (stage.get("frames_view"));
    const shape = shapeOf(view);
    const length = samples.length * frames.length * shape.names.length * shape.pixels;
    const [truth, prediction] = [stage.bytes("truth"), stage.bytes("prediction")];
    const all = stage.bytes("further_pictures");
    if (prediction.length !== length || all.length !== length * view.further.length) return;
    if (truth.length !== length && known.some(Boolean)) return;
    const further = view.further.map((_, n) => all.subarray(n * length, (n + 1) * length));
    shown = { view, shape, truth, prediction, further };
  }

  /**
   * Have a picture for each that the task names.
   * @param {FramesView} view
   */
  function caption({ further, truth_name: truth, prediction_name: prediction }) {
    if (further.length !== furtherPictures.length || !row.children.length) {
      furtherPictures = further.map(() => makePicture("further", "", onPoint));
      row.replaceChildren(...pictures().map(({ box }) => box));
    }
    [...further, truth, prediction, ERROR].forEach((each, n) => write(pictures()[n].caption, each));
    const names = [...further, truth, prediction].join(", ");
    row.setAttribute(
      "aria-label",
      `${names.charAt(0).toUpperCase()}${names.slice(1)} and error; arrows move a cross`,
    );
  }

  function draw() {
    take();
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    const { view, shape, truth, prediction, further } = shown;
    caption(view);
    options(sample, view.samples);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    player.over(view.frame, view.frames.length);
    const [i, j, k] = [
      Math.max(0, sample.selectedIndex),
      player.at(),
      Math.max(0, channel.selectedIndex),
    ];
    player.call(view.frames[j]);
    const at = ((i * view.frames.length + j) * shape.names.length + k) * shape.pixels;
    const known = Boolean(view.has_truth[i]);
    /** @param {Uint8Array} bytes */
    const chosen = (bytes) => bytes.subarray(at, at + shape.pixels);
    const f = further.map(chosen);
    const p = chosen(prediction);
    const t = known ? chosen(truth) : null;
    const [low, high] = view.ranges[k];
    /** @type {(byte: number) => number} */
    const share = view.empty ? shareOf : (byte) => byte / 255;
    // Where there is no value there is no error, either.
    /** @type {(a: number, b: number) => number} */
    const errorOf = view.empty
      ? (a, b) => (a && b ? 1 + Math.abs(a - b) : 0)
      : (a, b) => Math.abs(a - b);
    const e = t && p.map((byte, n) => errorOf(byte, t[n]));
    const note = `${view.samples[i]}, ${view.frame} ${view.frames[j]}`;
    drawn = { f, p, t, e, low, high, share, note };
    const ofValues = paletteOf(stage.bytes("colours"));
    const palette = ofValues.slice();
    if (view.empty) palette[0] = NO_VALUE;
    writeOrHide(nothing, view.empty);
    row.classList.toggle("cnn-flat", shape.flat);
    fit(shape);
    if (shape.flat) drawLines(drawn, shape, view);
    else drawImages(drawn, shape, view, palette);
    colours.box.hidden = shape.flat;
    colours.draw(ofValues, low, high);
    mark();
  }

  /**
   * No higher than fields side by side need to be, so that what is below stays close.
   * @param {FrameShape} shape
   */
  function fit({ flat, high, wide }) {
    const count = pictures().length;
    const width = (row.clientWidth - 8 * (count - 1)) / count;
    row.style.maxHeight = !flat && width > 0 ? `${Math.ceil((width * high) / wide) + 18}px` : "";
  }
  stage.resized.push(() => {
    if (shown) fit(shown.shape);
    mark();
  });

  /**
   * @param {Drawn} drawn
   * @param {FrameShape} shape
   * @param {FramesView} view
   * @param {Uint32Array} palette
   */
  function drawImages({ f, p, t, e, note }, shape, view, palette) {
    [...f, t, p, e].forEach((bytes, n) => {
      const picture = pictures()[n];
      picture.nothing(bytes ? "" : missing(view));
      if (bytes) picture.image(bytes, shape.high, shape.wide, palette);
      picture.canvas.setAttribute("aria-label", `${picture.caption.textContent}: ${note}`);
    });
  }

  /**
   * @param {Drawn} drawn
   * @param {FrameShape} shape
   * @param {FramesView} view
   */
  function drawLines({ f, p, t, e, low, high, share }, shape, view) {
    const range = `${formatShort(low)} to ${formatShort(high)}`;
    f.forEach((bytes, n) => {
      furtherPictures[n].lines([["further", bytes]], shape.wide, share);
      write(furtherPictures[n].caption, `${view.further[n]}, ${range}`);
    });
    truthPicture.nothing("");
    truthPicture.lines([...truthLine(t), ["prediction", p]], shape.wide, share);
    errorPicture.nothing(e ? "" : missing(view));
    if (e) errorPicture.lines([["error", e]], shape.wide, share);
    write(errorPicture.caption, `${ERROR}, 0 to ${formatShort(high - low)}`);
    const truth = t ? `${view.truth_name} (grey), ` : "";
    write(truthPicture.caption, `${truth}${view.prediction_name} (blue), ${range}`);
  }

  /**
   * Why a sample has no truth.
   * @param {FramesView} view
   */
  const missing = ({ truth_name: truth }) => `no ${truth}: beyond the data`;

  /**
   * @param {Uint8Array | null} t
   * @returns {[name: string, bytes: Uint8Array][]}
   */
  const truthLine = (t) => (t ? [["truth", t]] : []);

  function mark() {
    if (!shown || !drawn) return;
    const { f, t, p, e, low, high, share } = drawn;
    const { shape, view } = shown;
    /**
     * @param {number} byte
     * @param {number} from
     */
    const value = (byte, from) =>
      finite(share(byte)) ? formatNumber(from + share(byte) * (high - low)) : "no value";
    for (const picture of pictures()) picture.mark(point);
    const n = point ? point[0] * shape.wide + point[1] : shape.pixels;
    if (!point || n >= shape.pixels) {
      write(readout, "");
      return;
    }
    const words = view.further.map((name, at) => `${name} ${value(f[at][n], low)}`);
    if (t) words.push(`${view.truth_name} ${value(t[n], low)}`);
    words.push(`${view.prediction_name} ${value(p[n], low)}`);
    if (e) words.push(`error ${value(e[n], 0)}`);
    write(readout, `${placeWords(point, shape.flat)}: ${words.join(", ")}`);
  }

  crossKeys(row, () => shown && shown.shape, () => point, onPoint);
  const redraw = stage.view(
    "prediction",
    box,
    ["frames_view", "truth", "prediction", "further_pictures", "colours"],
    draw,
  );
  return { box, stop: player.stop };
}
