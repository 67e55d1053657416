// Axes, ticks and paths, which all plots have in common.

import { clamp, finite, formatShort, withMinus } from "./numbers.js";

/** @import { Value } from "../views.d.ts" */

export const LOG_FROM = 8; // a range wider than this factor gets a logarithmic axis

const NICE = [1, 2, 5];

/**
 * Steps of 1, 2 or 5 times a power of ten, at most `most` of them between two numbers.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function linearTicks(low, high, most) {
  const raw = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw * 0.999) ?? 10 * power;
  const ticks = [];
  for (let n = Math.floor(low / step + 1e-9); n * step < high + step * 0.999; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}

/**
 * Ticks of 1, 2 and 5 times each power of ten that enclose two positive numbers.
 * @param {number} low
 * @param {number} high
 */
export function logTicks(low, high) {
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += 1) {
    for (const n of NICE) ticks.push(Number(`${n}e${p}`));
  }
  // The axis ends at ticks, so that it moves seldom while the curve grows.
  const from = ticks.findLastIndex((tick) => tick <= low * 1.001);
  const to = ticks.findIndex((tick) => tick >= high * 0.999);
  return ticks.slice(Math.max(0, from), to < 0 ? undefined : to + 1);
}

/**
 * The ticks that are powers of ten, and of many of those every second, third, …
 * @param {number[]} ticks
 */
export function fewPowers(ticks) {
  const powers = ticks.filter((tick) => tick.toExponential().startsWith("1e"));
  const every = Math.ceil(powers.length / 7);
  return powers.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
}

/**
 * The label of a tick, with an exponent if the value is huge or tiny.
 * @param {number} value
 */
export function tickLabel(value) {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e4)) return formatShort(value);
  const [digits, power] = Number(value.toPrecision(4)).toExponential().split("e");
  return withMinus(digits) + "e" + withMinus(power.replace("+", ""));
}

/**
 * The vertical axis of some numbers: its ticks, and `at`, which places a value from 0 to 1.
 * @param {number[]} values
 * @returns {{ ticks: number[], at: (value: number) => number }}
 */
export function verticalAxis(values, logFrom = LOG_FROM) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  if (low > 0 && high / low > logFrom) {
    const ticks = logTicks(low, high);
    const [a, b] = [Math.log(ticks[0]), Math.log(ticks[ticks.length - 1])];
    return {
      ticks: ticks.length > 10 ? fewPowers(ticks) : ticks,
      at: (value) => (Math.log(value) - a) / (b - a || 1),
    };
  }
  const ticks = linearTicks(low, high === low ? low * 1.1 || 1 : high, 5);
  const span = ticks[ticks.length - 1] - ticks[0] || 1;
  return { ticks, at: (value) => (value - ticks[0]) / span };
}

/**
 * The end of the axis of epochs: while a fit runs, a round number ahead of it.
 * @param {number} reached
 * @param {boolean} running
 */
export function lastEpoch(reached, running) {
  if (!running) return Math.max(1, reached);
  for (let power = 1;; power *= 10) {
    const end = [5, 10, 20, 30].map((n) => n * power).find((n) => n >= reached);
    if (end) return end;
  }
}

/**
 * A path through the points that have a height; a point alone becomes a dot.
 * @param {[x: number, y: Value][]} points
 */
export function pathOf(points) {
  /** @type {string[]} */
  const parts = [];
  let open = false;
  points.forEach(([x, y], index) => {
    if (!finite(y)) {
      open = false;
      return;
    }
    const alone = !open && !finite(points[index + 1]?.[1]);
    parts.push(`${open ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}${alone ? "h0.01" : ""}`);
    open = true;
  });
  return parts.join("");
}

/**
 * Labels at their heights, pushed apart by a gap between two limits.
 * @param {number[]} heights
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function spread(heights, gap, low, high) {
  const order = heights.map((y, index) => ({ y: clamp(y, low, high), index })).sort((a, b) =>
    a.y - b.y
  );
  order.forEach((item, i) => {
    if (i) item.y = Math.max(item.y, order[i - 1].y + gap);
  });
  for (let i = order.length - 1; i >= 0; i -= 1) {
    order[i].y = Math.min(order[i].y, i === order.length - 1 ? high : order[i + 1].y - gap);
  }
  /** @type {number[]} */
  const placed = [];
  for (const { y, index } of order) placed[index] = y;
  return placed;
}
