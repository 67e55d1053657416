// Truth, prediction and error.

import { makeColourBar, NO_VALUE, paletteOf, shareOf } from "./colours.js";
import { placeWords, shapeOf } from "./frame_shape.js";
import { crossKeys, makePicture } from "./pictures.js";
import { h, labelled, options, write, writeOrHide } from "../shared/elements.js";
import { finite, number, plain } from "../shared/numbers.js";
import { makePlayer } from "../shared/player.js";

export function framesView(stage) {
  let point = null;
  const onPoint = (at) => {
    point = at;
    mark();
  };
  const pictures = [["truth", "truth"], ["prediction", "prediction"], ["error", "error |p − t|"]]
    .map(([name, title]) => makePicture(name, title, onPoint));
  const trio = h("div", {
    class: "cnn-frames",
    tabindex: "0",
    role: "group",
    "aria-label": "Truth, prediction and error; arrows move a cross",
  }, ...pictures.map(({ box }) => box));
  const colours = makeColourBar(true);
  const nothing = h("span", { class: "cnn-nothing" });
  colours.box.append(nothing);
  const said = h("p", { class: "cnn-readout" });
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
    lead.value = lead.valueAsNumber >= Number(lead.max) ? 0 : lead.valueAsNumber + 1;
    redraw();
  });
  const channelField = labelled("channel", channel);
  const body = h(
    "div",
    { class: "cnn-shown" },
    trio,
    h("div", { class: "cnn-under" }, said, colours.box),
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
  let shown = null; // the newest view whose bytes are all there
  let shape = null;
  let drawn = null; // the bytes on the screen

  /** A view may come shortly before its bytes: until they match, the old picture stays. */
  function take() {
    const view = stage.get("frames_view");
    if (!view.size) {
      shown = null;
      return;
    }
    const of = shapeOf(view);
    const wanted = view.samples.length * view.leads.length * of.names.length * of.pixels;
    const [truth, prediction] = [stage.bytes("truth"), stage.bytes("prediction")];
    if (prediction.length !== wanted || (truth.length !== wanted && view.has_truth.some(Boolean))) {
      return;
    }
    shown = { view, truth, prediction };
    shape = of;
  }

  function draw() {
    take();
    empty.hidden = Boolean(shown);
    body.hidden = !shown;
    if (!shown) {
      player.stop();
      return;
    }
    const { view, truth, prediction } = shown;
    options(sample, view.samples);
    options(channel, shape.names);
    channelField.hidden = shape.names.length < 2;
    lead.max = view.leads.length - 1;
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
    const [low, high] = view.ranges?.[k] ?? [view.low, view.high];
    const share = view.empty ? shareOf : (byte) => byte / 255;
    // Of what has no value there is no error, either.
    const errorOf = view.empty
      ? (a, b) => (a && b ? 1 + Math.abs(a - b) : 0)
      : (a, b) => Math.abs(a - b);
    const e = t && Uint8Array.from(p, (byte, n) => errorOf(byte, t[n]));
    drawn = { p, t, e, low, high, share, note: `${view.samples[i]}, lead time ${view.leads[j]}` };
    const ofValues = paletteOf(stage.bytes("colours"));
    const palette = ofValues.slice();
    if (view.empty) palette[0] = NO_VALUE;
    writeOrHide(nothing, view.empty);
    trio.classList.toggle("cnn-flat", shape.flat);
    if (shape.flat) drawLines();
    else drawImages(palette);
    colours.box.hidden = shape.flat;
    colours.draw(ofValues, low, high);
    mark();
  }

  const MISSING = "no truth: beyond the data";

  /** No higher than three fields side by side need to be, so that what is below stays close. */
  function fit() {
    const wide = (trio.clientWidth - 16) / 3;
    trio.style.maxHeight = shape && !shape.flat && wide > 0
      ? `${Math.ceil((wide * shape.high) / shape.wide) + 18}px`
      : "";
  }
  stage.resized.push(() => {
    if (shown) fit();
    mark();
  });

  function drawImages(palette) {
    fit();
    [drawn.t, drawn.p, drawn.e].forEach((bytes, n) => {
      pictures[n].nothing(bytes ? "" : MISSING);
      if (bytes) pictures[n].image(bytes, shape.high, shape.wide, palette);
      pictures[n].canvas.setAttribute(
        "aria-label",
        `${pictures[n].caption.textContent}: ${drawn.note}`,
      );
    });
    write(pictures[0].caption, "truth");
    write(pictures[2].caption, "error |p − t|");
  }

  function drawLines() {
    const { p, t, e, low, high, share } = drawn;
    pictures[0].nothing("");
    pictures[0].lines([...(t ? [["truth", t]] : []), ["prediction", p]], shape.wide, share);
    fit();
    pictures[2].nothing(e ? "" : MISSING);
    if (e) pictures[2].lines([["error", e]], shape.wide, share);
    write(pictures[2].caption, `error |p − t|, 0 to ${plain(high - low)}`);
    write(
      pictures[0].caption,
      `${t ? "truth (grey), " : ""}prediction (blue), ${plain(low)} to ${plain(high)}`,
    );
  }

  function mark() {
    if (!shown) return;
    const { t, p, e, low, high, share } = drawn;
    const n = point && point[0] * shape.wide + point[1];
    const value = (
      byte,
      from = low,
    ) => (finite(share(byte)) ? number(from + share(byte) * (high - low)) : "no value");
    for (const picture of pictures) picture.mark(point);
    if (!point || n >= shape.pixels) {
      write(said, "");
      return;
    }
    const guess = `prediction ${value(p[n])}`;
    const words = t ? `truth ${value(t[n])}, ${guess}, error ${value(e[n], 0)}` : guess;
    write(said, `${placeWords(point, shape.flat)}: ${words}`);
  }

  crossKeys(trio, () => shown && shape, () => point, onPoint);
  const redraw = stage.view(
    "prediction",
    box,
    ["frames_view", "truth", "prediction", "colours"],
    draw,
  );
  return { box, stop: player.stop };
}
