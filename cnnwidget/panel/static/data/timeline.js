// The timeline of the data: its parts for training, validation and test, and the window of a frame.

import { fill, h, write } from "../shared/elements.js";
import { clamp } from "../shared/numbers.js";

/**
 * @import { DataView } from "../views.d.ts"
 *
 * @typedef {{ name: string, from: number, to: number }} Part frames from one to before another
 */

/**
 * A frame by its number and, where there is one, its date.
 * @param {DataView} view
 * @param {number} i its place among the frames that were sent
 */
export const frameWords = ({ shown, times }, i) =>
  [`frame ${shown[i]}`, times[i]].filter(Boolean).join(", ");

/**
 * The history and the horizon of the window whose history ends with a frame, or of the nearest one.
 * @param {DataView} view
 * @param {number} frame
 * @returns {Part[]}
 */
function windowAt({ window: lengths, steps }, frame) {
  if (!lengths) return [];
  const { history, horizon } = lengths;
  const from = clamp(frame + 1 - history, 0, steps - history - horizon);
  const between = from + history;
  return [
    { name: "history", from, to: between },
    { name: "horizon", from: between, to: between + horizon },
  ];
}

export function makeTimeline() {
  const marker = h("i", { class: "cnn-marker" });
  const around = h("div", { class: "cnn-window" });
  const parts = h("div", { class: "cnn-parts" });
  const box = h("div", { class: "cnn-timeline", role: "img" }, around, parts, marker);
  const legend = h("p", { class: "cnn-part-names" });

  /**
   * @param {DataView} view
   * @param {number} frame the number of the frame that is shown
   */
  function draw(view, frame) {
    /** @param {number} step */
    const share = (step) => `${(100 * step) / (view.steps || 1)}%`;
    /** @param {Part} part */
    const words = ({ name, from, to }) => `${name}: frames ${from} to ${to - 1}`;
    /**
     * @param {HTMLElement} bar
     * @param {Part} part
     */
    const put = (bar, part) => {
      bar.dataset.part = part.name;
      bar.title = words(part);
      bar.style.left = share(part.from);
      bar.style.width = share(part.to - part.from);
    };
    const strokes = windowAt(view, frame);
    fill(around, strokes, () => h("i"), put);
    fill(parts, view.parts, () => h("i"), put);
    box.setAttribute("aria-label", ["All frames in time", ...strokes.map(words)].join("; "));
    marker.style.left = share(frame + 0.5);
    const lengths = Object.entries(view.window ?? {}).map(([name, length]) => ({
      name,
      text: `${name} ${length}`,
    }));
    const named = view.parts.filter(({ name }, i, all) =>
      all.findIndex((other) => other.name === name) === i
    ).map(({ name, from, to }) => ({
      name,
      text: name === "gap" ? "gap" : `${name} ${from}–${to - 1}`,
    }));
    fill(legend, [...lengths, ...named], () => h("span"), (item, { name, text }) => {
      item.dataset.part = name;
      write(item, text);
    });
  }
  return { box, legend, draw };
}
