// How the curve of each run looks.

const RUN_COLOURS = 6; // which differ in both themes, also without seeing red, green or blue

const RUN_DASHES = ["none", "7 4", "2 4", "10 3 2 3"];

/**
 * The look of a run's curve. It follows from the run's number, so that it stays while others change.
 * @param {number} number
 */
export function strokeOf(number) {
  const at = number - 1;
  return {
    colour: `var(--cnn-run-${at % RUN_COLOURS})`,
    dashes: RUN_DASHES[Math.floor(at / RUN_COLOURS) % RUN_DASHES.length],
  };
}

/**
 * Draw a path as the curve of a run.
 * @param {SVGElement} element
 * @param {number} number
 */
export function stroke(element, number) {
  const { colour, dashes } = strokeOf(number);
  element.style.stroke = colour;
  element.style.strokeDasharray = dashes;
}
