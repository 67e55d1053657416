// One field as a picture, and the cross that is moved over it.

import { pathOf } from "../shared/axes.js";
import { h, s, writeOrHide } from "../shared/elements.js";
import { ARROWS } from "../shared/keys.js";
import { clamp } from "../shared/numbers.js";
import { paint } from "./colours.js";

/** @import { FrameShape, Point } from "./frame_shape.js" */

/**
 * One field: an image for two axes, lines for one; a cross where the pointer is.
 * @param {string} name
 * @param {string} title
 * @param {(point: Point | null) => void} onPoint called with the place under the pointer
 */
export function makePicture(name, title, onPoint) {
  const canvas = h("canvas", { "data-frame": name, width: 1, height: 1, role: "img" });
  const plot = s("svg", {
    class: "cnn-plot",
    viewBox: "0 0 1000 1000",
    preserveAspectRatio: "none",
  });
  const across = h("i", { class: "cnn-cross" });
  const along = h("i", { class: "cnn-cross" });
  const empty = h("p", { class: "cnn-hint", hidden: true });
  const caption = h("figcaption", {}, title);
  const area = h("div", { class: "cnn-area" }, canvas, plot, empty, across, along);
  const box = h("figure", { class: "cnn-frame", "data-of": name }, caption, area);
  let size = [1, 1];

  /** The image keeps its aspect inside the area: where it starts and how large a pixel is. */
  function place() {
    const [high, wide] = size;
    if (!plot.hasAttribute("hidden")) {
      return { x: 0, y: 0, px: area.clientWidth / wide, py: area.clientHeight };
    }
    const px = Math.min(area.clientWidth / wide, area.clientHeight / high);
    return {
      x: (area.clientWidth - px * wide) / 2,
      y: (area.clientHeight - px * high) / 2,
      px,
      py: px,
    };
  }
  area.addEventListener("pointermove", (event) => {
    const { x, y, px, py } = place();
    const from = area.getBoundingClientRect();
    const [row, column] = [
      Math.floor((event.clientY - from.top - y) / py),
      Math.floor((event.clientX - from.left - x) / px),
    ];
    onPoint(row >= 0 && column >= 0 && row < size[0] && column < size[1] ? [row, column] : null);
  });
  area.addEventListener("pointerleave", () => onPoint(null));

  return {
    box,
    canvas,
    caption,
    /**
     * @param {Uint8Array} bytes
     * @param {number} high
     * @param {number} wide
     * @param {Uint32Array} palette
     */
    image(bytes, high, wide, palette) {
      size = [high, wide];
      plot.setAttribute("hidden", "");
      canvas.hidden = false;
      const words = new Uint32Array(high * wide);
      for (let i = 0; i < words.length; i += 1) words[i] = palette[bytes[i]];
      paint(canvas, words, high, wide);
    },
    /**
     * @param {[name: string, bytes: Uint8Array][]} series
     * @param {number} wide
     * @param {(byte: number) => number} share of the height that a byte stands for
     */
    lines(series, wide, share = (byte) => byte / 255) {
      size = [1, wide];
      plot.removeAttribute("hidden");
      canvas.hidden = true;
      plot.replaceChildren(
        ...series.map(([of, bytes]) => {
          /** @type {[x: number, y: number][]} */
          const points = Array.from(bytes, (byte, i) => [
            ((i + 0.5) * 1000) / wide,
            985 - share(byte) * 970,
          ]);
          return s("path", { "data-line": of, d: pathOf(points) });
        }),
      );
    },
    /** @param {string} why there is nothing to show; empty if there is */
    nothing(why) {
      writeOrHide(empty, why);
      if (why) {
        plot.setAttribute("hidden", "");
        canvas.hidden = true;
      }
    },
    /** @param {Point | null} point */
    mark(point) {
      across.hidden = along.hidden = !point || !empty.hidden;
      if (!point || along.hidden) return;
      const { x, y, px, py } = place();
      const [left, top] = [x + (point[1] + 0.5) * px, y + (point[0] + 0.5) * py];
      along.style.cssText = `left:${left}px;top:${y}px;width:1px;height:${py * size[0]}px`;
      across.hidden = size[0] === 1;
      across.style.cssText = `left:${x}px;top:${top}px;width:${px * size[1]}px;height:1px`;
    },
  };
}

/**
 * Let the arrow keys move a cross over a field.
 * @param {HTMLElement} box
 * @param {() => FrameShape | null} shape of what is shown, if anything is
 * @param {() => Point | null} current
 * @param {(point: Point | null) => void} onPoint
 */
export function crossKeys(box, shape, current, onPoint) {
  box.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    const known = shape();
    if (event.target !== box || !step || !known) return;
    event.preventDefault();
    const [row, column] = current() ?? [Math.floor(known.high / 2), Math.floor(known.wide / 2)];
    onPoint([clamp(row + step[0], 0, known.high - 1), clamp(column + step[1], 0, known.wide - 1)]);
  });
  box.addEventListener("blur", () => onPoint(null));
}
