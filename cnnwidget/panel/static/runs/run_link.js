// What the table of runs and their curves share.

/**
 * @typedef {ReturnType<typeof makeRunLink>} RunLink
 * @typedef {(change: "hidden" | "hot") => void} Watcher
 */

/** Which curves are hidden, and which run is pointed at, by the numbers of runs. */
export function makeRunLink() {
  /** @type {Watcher[]} */
  const watchers = [];
  /** @type {Set<number>} */
  const hidden = new Set();
  /** @type {number | null} */
  let hot = null;
  return {
    /** @param {Watcher} act */
    watch: (act) => watchers.push(act),
    /** @param {number} number */
    hides: (number) => hidden.has(number),
    hot: () => hot,
    /** @param {number} number */
    toggle(number) {
      if (!hidden.delete(number)) hidden.add(number);
      for (const watch of watchers) watch("hidden");
    },
    /** @param {number | null} number */
    point(number) {
      if (hot === number) return;
      hot = number;
      for (const watch of watchers) watch("hot");
    },
  };
}
