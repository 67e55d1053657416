// What the arrow keys do.

/** @type {Record<string, number | undefined>} */
export const SIDEWAYS = { ArrowLeft: -1, ArrowRight: 1 };

/** @type {Record<string, [down: number, right: number] | undefined>} */
export const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
