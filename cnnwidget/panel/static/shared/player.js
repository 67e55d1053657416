// The button that plays frames.

import { h, write } from "./elements.js";

/** @import { Stage } from "./stage.js" */

const PLAY_MS = 250;

/**
 * A button that steps through frames from a press to the next.
 * @param {Stage} stage
 * @param {() => void} step
 */
export function makePlayer(stage, step) {
  let timer = 0;
  const button = h("button", {
    type: "button",
    class: "cnn-small cnn-play",
    onclick: () => (timer ? stop() : start()),
  }, "Play");
  function start() {
    timer = setInterval(step, PLAY_MS);
    write(button, "Pause");
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    write(button, "Play");
  }
  stage.cleanups.push(stop);
  return { button, stop };
}
