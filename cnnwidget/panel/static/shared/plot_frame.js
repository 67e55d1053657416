// The frame of a plot: its axes with ticks and titles, and where the pointer is in it.

import { s } from "./elements.js";

/**
 * @typedef {object} Area where a plot lies in its picture, in pixels
 * @property {number} width
 * @property {number} height
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 *
 * @typedef {ReturnType<typeof makePlotFrame>} PlotFrame
 * @typedef {[place: number, label: string]} Tick
 */

const AXIS_HEIGHT = 38; // of ticks and title below a plot

/**
 * An empty plot.
 * @param {string} className
 * @param {string} overlayClass of what is drawn above the curves where the pointer is
 */
export function makePlotFrame(className, overlayClass) {
  const drawing = s("g");
  const overlay = s("g", { class: overlayClass });
  const svg = s(
    "svg",
    {
      class: className,
      role: "img",
      tabindex: "0",
      "data-lm-suppress-shortcuts": "true",
    },
    drawing,
    overlay,
  );

  /**
   * @param {string} name
   * @param {number} x1
   * @param {number} y1
   * @param {number} x2
   * @param {number} y2
   */
  const line = (name, x1, y1, x2, y2) =>
    drawing.appendChild(s("line", { class: name, x1, y1, x2, y2 }));

  /**
   * @param {string} name
   * @param {[x: number, y: number]} at
   * @param {string} words
   * @param {"start" | "middle" | "end"} anchor
   */
  const text = (name, [x, y], words, anchor) =>
    drawing.appendChild(s("text", { class: name, x, y, "text-anchor": anchor }, words));

  /**
   * How large the plot is now, with `bottom` above the axis.
   * @param {HTMLElement} box around the plot
   * @param {number} usualHeight until there is a layout
   */
  function size(box, usualHeight) {
    const width = Math.max(240, svg.clientWidth || box.clientWidth || 480);
    const height = svg.clientHeight || usualHeight;
    return { width, height, bottom: height - AXIS_HEIGHT };
  }

  /**
   * Draw the axes, without anything that was drawn before.
   * @param {Area} area
   * @param {{ x: Tick[], y: Tick[], xTitle: string, yTitle: string }} axes
   */
  function drawAxes({ width, height, left, right, top, bottom }, { x, y, xTitle, yTitle }) {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.replaceChildren();
    for (const [place, label] of y) {
      line("cnn-grid", left, place, right, place);
      text("cnn-tick", [left - 7, place + 4], label, "end");
    }
    for (const [place, label] of x) {
      line("cnn-axis", place, bottom, place, bottom + 4);
      text("cnn-tick", [place, bottom + 16], label, "middle");
    }
    line("cnn-axis", left, bottom, right, bottom);
    line("cnn-axis", left, top, left, bottom);
    text("cnn-axis-label", [(left + right) / 2, height - 4], xTitle, "middle");
    text("cnn-axis-label", [0, 0], yTitle, "middle").setAttribute(
      "transform",
      `translate(11 ${(top + bottom) / 2}) rotate(-90)`,
    );
  }

  /**
   * Where the pointer is in the picture.
   * @param {PointerEvent} event
   * @returns {[x: number, y: number]}
   */
  function pointer(event) {
    const seen = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / seen.width;
    return [(event.clientX - seen.left) * scale, (event.clientY - seen.top) * scale];
  }

  return { svg, drawing, overlay, line, text, size, drawAxes, pointer };
}

/**
 * A function that measures how wide the widest of some words is, in the font of an element.
 * @param {Element} element
 */
export function makeRuler(element) {
  const context = document.createElement("canvas").getContext("2d");
  /** @param {string[]} words */
  return (words) => {
    if (!context) return 0;
    context.font = `11px ${getComputedStyle(element).fontFamily}`;
    return Math.ceil(Math.max(0, ...words.map((word) => context.measureText(word).width)));
  };
}

/**
 * How much room the title and the labels of a vertical axis need.
 * @param {number} widest of the labels
 */
export const axisWidth = (widest) => Math.max(56, 18 + widest + 7);
