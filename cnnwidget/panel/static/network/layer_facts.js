// Facts of the layer that is pointed at.

import { childAt, fill, h, write } from "../shared/elements.js";

/** @import { Stage } from "../shared/stage.js" */

/** @param {Stage} stage */
export function layerFactsView(stage) {
  const name = h("b");
  const layer = h("span", { class: "cnn-soft" });
  const list = h("dl", { class: "cnn-fact-list" });
  const hint = h(
    "p",
    { class: "cnn-soft" },
    "Point at a layer, or walk through the table by arrow keys: its shapes, its formula with the numbers, what it sees. " +
      "A click or Enter holds it.",
  );
  const title = h("p", { class: "cnn-fact-title" }, name, " ", layer);
  const box = h(
    "div",
    { class: "cnn-facts", role: "status", "aria-label": "Facts of a layer" },
    hint,
    title,
    list,
  );
  const make = () => h("div", { class: "cnn-fact" }, h("dt"), h("dd"));
  /** @type {Set<string>} */
  let shown = new Set();

  function draw() {
    const plan = stage.get("plan_view");
    const { key, rows = {} } = stage.get("facts_view");
    const row = [...shown].map((each) => plan.rows?.find(({ cells }) => cells[0] === each)).find(
      Boolean,
    );
    const known = row && key === plan.key ? rows[row.id]?.facts ?? [] : [];
    hint.hidden = Boolean(row);
    title.hidden = list.hidden = !row;
    if (!row) return;
    write(name, row.cells[0]);
    write(layer, [row.cells[1], row.cells[2]].filter(Boolean).join(", "));
    fill(list, known, make, (fact, [what, text]) => {
      fact.dataset.fact = what;
      write(childAt(fact, 0), what);
      write(childAt(fact, 1), text);
    });
  }
  const redraw = stage.view("facts", box, ["facts_view", "plan_view"], draw);
  stage.link.watch((active) => {
    shown = active;
    redraw();
  });
  return box;
}
