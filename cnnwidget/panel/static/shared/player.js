// A slider over frames, and the button that plays them.

import { childAt, h, labelled, write } from "./elements.js";

/** @import { Stage } from "./stage.js" */

const PLAY_MS = 250;

/**
 * A slider over frames with its label, the name of the frame that it is at, and a button that steps
 * through all of them from a press to the next.
 * @param {Stage} stage
 * @param {string} className of the slider
 * @param {() => void} redraw
 */
export function makePlayer(stage, className, redraw) {
  let timer = 0;
  const slider = h("input", {
    type: "range",
    class: className,
    min: 0,
    max: 0,
    step: 1,
    value: 0,
    oninput: redraw,
  });
  const field = labelled("", slider, "cnn-grow");
  const name = h("output", { class: `cnn-value ${className}-value` });
  const button = h("button", {
    type: "button",
    class: "cnn-small cnn-play",
    onclick: () => (timer ? stop() : start()),
  }, "Play");
  function start() {
    timer = setInterval(step, PLAY_MS);
    write(button, "Pause");
  }
  function step() {
    const { valueAsNumber: at, max } = slider;
    slider.valueAsNumber = at >= Number(max) ? 0 : at + 1;
    redraw();
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    write(button, "Play");
  }
  stage.cleanups.push(stop);
  return {
    button,
    field,
    name,
    stop,
    /** The number of the frame that it is at. */
    at: () => slider.valueAsNumber,
    toStart() {
      slider.value = "0";
    },
    /**
     * @param {string} label what a frame is
     * @param {number} count of frames
     */
    over(label, count) {
      write(childAt(field, 0), label);
      slider.max = String(count - 1);
      button.disabled = count < 2;
    },
    /** @param {string} text the name of the frame */
    call(text) {
      write(name, text);
      slider.setAttribute("aria-valuetext", text);
    },
  };
}
