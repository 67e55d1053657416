// Numbers, and numbers as text.

/** @import { Value } from "../views.d.ts" */

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Whether a value is a finite number.
 * @param {unknown} value
 * @returns {value is number}
 */
export const finite = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * Whether a value has a logarithm.
 * @param {unknown} value
 * @returns {value is number}
 */
export const positive = (value) => finite(value) && value > 0;

/** @param {number[]} numbers */
export const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

/**
 * A number as text with the sign of mathematics.
 * @param {string} text
 */
export const withMinus = (text) => text.replace("-", "−");

/**
 * A number with some significant digits.
 * @param {Value | undefined} value
 */
export function formatNumber(value, digits = 3) {
  if (!finite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return withMinus(value.toExponential(digits - 1));
  return withMinus(size >= 10 ** digits ? value.toFixed(0) : value.toPrecision(digits));
}

/**
 * A number with at most some significant digits, without zeros at its end.
 * @param {Value | undefined} value
 */
export const formatShort = (value, digits = 4) =>
  finite(value) ? withMinus(String(Number(value.toPrecision(digits)))) : "–";

/**
 * A share of one in percent.
 * @param {Value | undefined} share
 */
export const formatPercent = (share) =>
  finite(share) ? `${withMinus((100 * share).toFixed(0))} %` : "–";
