// The figures over all lines, of the network and of each baseline, with their meaning.

import { childAt, fill, h, write } from "../shared/elements.js";
import { formatNumber } from "../shared/numbers.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { ScoreTable } from "../views.d.ts"
 */

/** @param {Stage} stage */
export function figuresView(stage) {
  const body = h("tbody");
  const meanings = h("dl");
  const heading = h("p");
  const box = h(
    "div",
    {
      class: "cnn-figures",
      role: "group",
      hidden: true,
    },
    heading,
    h("table", {}, body),
    h("details", {}, h("summary", {}, "What these figures are"), meanings),
  );
  /** @type {ScoreTable | null} */
  let shown = null;

  function draw() {
    const { names = [], figures = [], overall = "" } = shown ?? {};
    box.hidden = !figures.length;
    write(heading, overall);
    box.setAttribute("aria-label", `Figures ${overall}`);
    const upright = [
      ["", ...names],
      ...figures.map(({ name, values }) => [name, ...values.map((each) => formatNumber(each))]),
    ];
    // Figures stand beside each other where there is room for six, else below each other.
    const narrow = stage.root.dataset.width === "tiny";
    const rows = narrow
      ? upright
      : upright[0].map((_, column) => upright.map((row) => row[column]));
    fill(body, rows, () => h("tr"), (tr, texts, row) => {
      const make = () =>
        Boolean(row) === Boolean(tr.children.length)
          ? h("td")
          : h("th", { scope: row ? "row" : "col" });
      fill(tr, texts, make, (cell, text, column) => {
        const [figure, name] = narrow ? [row, column] : [column, row];
        write(cell, text);
        cell.title = figures[figure - 1]?.meaning ?? "";
        cell.classList.toggle("cnn-ours", name === 1);
      });
    });
    fill(meanings, figures, () => h("div", {}, h("dt"), h("dd")), (item, { name, meaning }) => {
      write(childAt(item, 0), name);
      write(childAt(item, 1), meaning);
    });
  }
  stage.resized.push(draw);
  return {
    box,
    /** @param {ScoreTable | null | undefined} table */
    show(table) {
      shown = table ?? null;
      draw();
    },
  };
}
