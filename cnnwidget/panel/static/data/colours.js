// The colours of a field: their table and the bar that explains them.

import { h, write } from "../shared/elements.js";
import { formatShort } from "../shared/numbers.js";

/** @import { Value } from "../views.d.ts" */

export const NO_VALUE = 0xff8c8c8c; // grey, which is none of the colours of a value

/**
 * 256 colours as the words that an ImageData takes; greys until Python has sent a colour map.
 * @param {Uint8Array} bytes (256, 3)
 */
export function paletteOf(bytes) {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const [r, g, b] = bytes.length >= 768 ? bytes.subarray(3 * i, 3 * i + 3) : [i, i, i];
    words[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return words;
}

/**
 * The share of the range that a byte stands for, where 0 is no value, 1 the lowest, 255 the highest.
 * @param {number} byte
 */
export const shareOf = (byte) => (byte ? (byte - 1) / 254 : NaN);

/**
 * Paint words of colour into a canvas of that many pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint32Array<ArrayBuffer>} words
 * @param {number} high
 * @param {number} wide
 */
export function paint(canvas, words, high, wide) {
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const image = new ImageData(new Uint8ClampedArray(words.buffer), wide, high);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/**
 * The colours with the values at their ends, of the field and of the error on the same span.
 * @param {{ withError?: boolean, above?: Element }} parts `above` shares the axis of the colours
 */
export function makeColourBar({ withError = false, above }) {
  const canvas = h("canvas", { width: 256, height: 1, role: "img", "aria-label": "colours" });
  const ends = [0, 1, 2, 3].map(() => h("span"));
  const scale = h("div", { class: "cnn-scale" }, ...(above ? [above] : []), canvas);
  const box = h("div", { class: "cnn-colours" }, ends[0], scale, ends[1]);
  if (withError) box.append(ends[2], ends[3]);
  return {
    box,
    /**
     * @param {Uint32Array<ArrayBuffer>} palette
     * @param {Value} low
     * @param {Value} high
     * @param {[low: string, high: string]} labels
     */
    draw(palette, low, high, labels = [formatShort(low), formatShort(high)]) {
      paint(canvas, palette.slice(), 1, 256);
      write(ends[0], labels[0]);
      write(ends[1], labels[1]);
      write(ends[2], "error 0");
      write(ends[3], low === null || high === null ? "–" : formatShort(high - low));
    },
  };
}
