// The colours of a field: their table and the bar that explains them.

import { h, write } from "../shared/elements.js";
import { plain } from "../shared/numbers.js";

/** 256 colours as the words that an ImageData takes; greys until Python has sent a colour map. */
export function paletteOf(bytes) {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const [r, g, b] = bytes.length >= 768 ? bytes.subarray(3 * i, 3 * i + 3) : [i, i, i];
    words[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return words;
}

export const NO_VALUE = 0xff8c8c8c; // grey, which is none of the colours of a value

/** Where there may be no value, a byte of 0 is none; 1 is the lowest and 255 the highest. */
export const shareOf = (byte) => (byte ? (byte - 1) / 254 : NaN);

/** The colours with the values at their ends: of the field, and of the error on the same span. What
    stands above them shares their axis. */
export function makeColourBar(withError, above = null) {
  const canvas = h("canvas", { width: 256, height: 1, role: "img", "aria-label": "colours" });
  const ends = [0, 1, 2, 3].map(() => h("span"));
  const scale = h("div", { class: "cnn-scale" }, ...(above ? [above] : []), canvas);
  const box = h("div", { class: "cnn-colours" }, ends[0], scale, ends[1]);
  if (withError) box.append(ends[2], ends[3]);
  return {
    box,
    draw(palette, low, high, told = [plain(low), plain(high)]) {
      canvas.getContext("2d").putImageData(
        new ImageData(new Uint8ClampedArray(palette.slice().buffer), 256, 1),
        0,
        0,
      );
      write(ends[0], told[0]);
      write(ends[1], told[1]);
      write(ends[2], "error 0");
      write(ends[3], plain(high - low));
    },
  };
}
