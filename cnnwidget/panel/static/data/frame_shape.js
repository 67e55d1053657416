// The shape of frames, and places in them.

import { product } from "../shared/numbers.js";

/**
 * @typedef {ReturnType<typeof shapeOf>} FrameShape
 * @typedef {[row: number, column: number]} Point
 */

/**
 * The shape of frames as they were sent: their pixels and the names of their channels. The slices
 * of a volume are channels.
 * @param {{ size?: number[], channels?: string[] }} view
 */
export function shapeOf({ size = [], channels = ["0"] }) {
  const slices = size.length > 2 ? product(size.slice(0, -2)) : 1;
  const [high, wide] = size.length === 1 ? [1, size[0]] : size.slice(-2);
  /** @param {string} name */
  const sliced = (name) => Array.from({ length: slices }, (_, i) => `${name}, slice ${i}`);
  const names = slices === 1 ? channels : channels.flatMap(sliced);
  return { high, wide, pixels: high * wide, names, flat: size.length === 1 };
}

/**
 * A place in words, by its numbers in the data.
 * @param {Point} point
 * @param {boolean} flat whether frames have one axis
 * @param {number} step from one place that was sent to the next in the data
 */
export const placeWords = ([row, column], flat, step = 1) =>
  flat ? `position ${column * step}` : `row ${row * step}, column ${column * step}`;
