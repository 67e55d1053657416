// What the table of runs and their curves share.

/** What the table and the curves share: which curves are hidden, which run is pointed at. */
export function makeRunLink() {
  const watchers = [];
  const hidden = new Set();
  let hot = null;
  return {
    watch: (act) => watchers.push(act),
    hides: (number) => hidden.has(number),
    hot: () => hot,
    toggle(number) {
      if (!hidden.delete(number)) hidden.add(number);
      for (const watch of watchers) watch("hidden");
    },
    point(number) {
      if (hot === number) return;
      hot = number;
      for (const watch of watchers) watch("hot");
    },
  };
}
