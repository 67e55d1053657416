// The shape of frames, and places in them.

import { total } from "../shared/numbers.js";

/** Frames as stored: how many pixels, how the channels are named; a volume's slices are channels. */
export function shapeOf({ size = [], channels = ["0"] }) {
  const slices = size.length > 2 ? total(size.slice(0, -2)) : 1;
  const [high, wide] = size.length === 1 ? [1, size[0]] : size.slice(-2);
  const sliced = (name) => Array.from({ length: slices }, (_, i) => `${name}, slice ${i}`);
  const names = slices === 1 ? channels : channels.flatMap(sliced);
  return { high, wide, pixels: high * wide, names, flat: size.length === 1 };
}

/** A place by its numbers in the data, of which the page may have one in some. */
export const placeWords = (
  [row, column],
  flat,
  step = 1,
) => (flat ? `position ${column * step}` : `row ${row * step}, column ${column * step}`);
