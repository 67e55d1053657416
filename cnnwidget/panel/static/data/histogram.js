// The histogram of a field.

import { s, write } from "../shared/elements.js";
import { formatShort } from "../shared/numbers.js";

/** @import { Scale } from "../views.d.ts" */

/** How often values occur, from the lowest to the highest. */
export function makeHistogram() {
  const bars = s("path");
  const title = s("title");
  const box = s(
    "svg",
    { class: "cnn-histogram", preserveAspectRatio: "none", role: "img" },
    title,
    bars,
  );
  return {
    box,
    /** @param {Scale} scale */
    draw({ histogram: counts, low, high, ends, digits }) {
      box.toggleAttribute("hidden", !counts.length);
      const most = Math.max(...counts, 1);
      box.setAttribute("viewBox", `0 0 ${counts.length || 1} 100`);
      // What occurs at all can be seen, however seldom it is.
      bars.setAttribute(
        "d",
        counts.map((count, i) => {
          const top = count ? Math.min(97, 100 - (100 * count) / most) : 100;
          return `M${i},100V${top.toFixed(1)}H${i + 1}V100Z`;
        }).join(""),
      );
      const at = counts.indexOf(most);
      /** @param {number} i */
      const edge = (i) =>
        low === null || high === null
          ? "–"
          : formatShort(low + (i / counts.length) * (high - low), digits);
      write(
        title,
        `Histogram of the values shown, from ${ends[0]} to ${ends[1]}; ` +
          `most are between ${edge(at)} and ${edge(at + 1)}.`,
      );
      box.setAttribute("aria-label", title.textContent);
    },
  };
}
