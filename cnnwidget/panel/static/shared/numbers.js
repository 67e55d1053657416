// Numbers as text.

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export const finite = (value) => typeof value === "number" && Number.isFinite(value);

export const total = (numbers) => numbers.reduce((a, b) => a * b, 1);

export const minus = (text) => text.replace("-", "−");

export function number(value, digits = 3) {
  if (!finite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return minus(value.toExponential(digits - 1));
  return minus(size >= 10 ** digits ? value.toFixed(0) : value.toPrecision(digits));
}

export const plain = (
  value,
  digits = 4,
) => (finite(value) ? minus(String(Number(value.toPrecision(digits)))) : "–");
