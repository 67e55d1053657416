// The table of layers.

import { childAt, fill, h, reveal, write, writeName } from "../shared/elements.js";
import { clamp } from "../shared/numbers.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { LayerRow } from "../views.d.ts"
 */

const FLASH_AT_MOST = 80; // more changed cells than this are a new table, not a change

/** @type {Record<number, "params_share" | "macs_share" | undefined>} */
const SHARES = { 5: "params_share", 7: "macs_share" };

/** @type {Record<string, number | undefined>} */
const STEPS = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
};

/**
 * An empty cell of a column.
 * @param {number} index of the column
 */
function layerCell(index) {
  if (SHARES[index]) return h("td", { class: "cnn-share" }, h("i"), h("span"));
  // The part's name stands apart, as its colour says the same where there is little room.
  return index === 0 ? h("td", {}, h("span", { class: "cnn-part" }), h("span")) : h("td");
}

/**
 * Write the name of a layer; return whether it changed.
 * @param {HTMLElement} cell
 * @param {string} name
 * @param {string} part
 */
function putName(cell, name, part) {
  const prefix = part && name.startsWith(`${part}.`) ? `${part}.` : "";
  cell.title = name;
  const other = write(childAt(cell, 0), prefix);
  return writeName(childAt(cell, 1), name.slice(prefix.length)) || other;
}

/**
 * Write a text into its cell; return whether it changed.
 * @param {HTMLElement} cell
 * @param {string} text
 * @param {number} index of the column
 * @param {string} part
 */
function putText(cell, text, index, part) {
  if (index === 0) return putName(cell, text, part);
  return index === 1 ? writeName(cell, text) : write(cell, text);
}

/**
 * Draw a share as a bar; in narrow tables it is drawn below the number in the cell before.
 * @param {HTMLElement} cell
 * @param {HTMLElement} before
 * @param {string} text
 * @param {number} share from 0 to 1
 */
function putShare(cell, before, text, share) {
  if (cell.dataset.share !== String(share)) {
    cell.dataset.share = String(share);
    childAt(cell, 0).style.width = share ? `${Math.max(1, 28 * share)}px` : "0";
    before.style.setProperty("--share", String(share));
    before.title = text;
  }
  write(childAt(cell, 1), text);
}

/** @param {Event} event */
const layerAt = ({ target }) => {
  const row = target instanceof Element ? target.closest("tr[data-layer]") : null;
  return /** @type {HTMLElement | null} */ (row)?.dataset.layer;
};

/** @param {Stage} stage */
export function layerTableView(stage) {
  const head = h("tr");
  const input = h("tr", { "data-layer": "input" });
  const body = h("tbody");
  const foot = h("tr");
  const table = h(
    "table",
    { class: "cnn-table" },
    h("thead", {}, head),
    h("tbody", { class: "cnn-input" }, input),
    body,
    h("tfoot", {}, foot),
  );
  const box = h("div", {
    class: "cnn-table-box",
    tabindex: "0",
    role: "region",
    "aria-label": "Layers: arrows move, Enter pins",
  }, table);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Map<string, HTMLTableRowElement>} */
  let rows = new Map(); // by the name of a layer
  /** @type {string[]} */
  let sides = [];
  let at = -1; // the row that the arrow keys are at
  let sees = -1; // the column of receptive fields, which come after the rest
  /** @type {string | undefined} */
  let failed; // the layer that does not fit: it comes into sight once
  /** @type {string | undefined} */
  let first; // the first layer: with another one, it is another network, to be read from its top

  /**
   * Write the cells of a row that is no layer's.
   * @param {HTMLElement} row
   * @param {"th" | "td"} tag
   * @param {string[]} texts
   * @param {HTMLElement[]} changed the cells that changed are added
   */
  const putCells = (row, tag, texts, changed = []) =>
    fill(row, texts, () => h(tag), (cell, text, index) => {
      cell.dataset.align = sides[index] ?? "left";
      cell.classList.toggle("cnn-share", Boolean(SHARES[index]));
      if (write(cell, text)) changed.push(cell);
    });

  /**
   * Write the row of a layer.
   * @param {HTMLTableRowElement} tr
   * @param {LayerRow} row
   * @param {HTMLElement[]} changed the cells that changed are added
   */
  function putRow(tr, row, changed) {
    const known = tr.dataset.row !== undefined;
    tr.dataset.row = row.id;
    tr.dataset.layer = row.cells[0];
    tr.dataset.part = row.part;
    tr.dataset.from = row.from.join(" ");
    tr.classList.toggle("cnn-failed", row.failed);
    tr.classList.toggle("cnn-aux", row.aux);
    tr.classList.toggle("cnn-join", row.from.length > 0);
    row.cells.forEach((text, index) => {
      if (!tr.children[index]) tr.append(layerCell(index));
      const cell = childAt(tr, index);
      if (!known) cell.dataset.align = sides[index] ?? "left";
      if (index === sees) return; // as it was, until the new one is known
      const share = SHARES[index];
      if (share) putShare(cell, childAt(tr, index - 1), text, row[share]);
      else if (putText(cell, text, index, row.part) && known) changed.push(cell);
    });
    while (tr.children.length > row.cells.length) tr.lastElementChild?.remove();
  }

  /**
   * Light up briefly what a slider changed; a table that is all new does not.
   * @param {HTMLElement[]} changed
   */
  function flash(changed) {
    if (!changed.length || changed.length > FLASH_AT_MOST || still.matches) return;
    const colour = getComputedStyle(box).getPropertyValue("--cnn-flash");
    for (const cell of changed) cell.animate([{ backgroundColor: colour }, {}], { duration: 350 });
  }

  box.addEventListener("mouseover", (event) => {
    const layer = layerAt(event);
    stage.link.hover(layer ? [layer] : [], "table");
  });
  box.addEventListener("mouseleave", () => stage.link.hover([], "table"));
  box.addEventListener("click", (event) => {
    const layer = layerAt(event);
    if (layer) stage.link.pin(layer, "table");
  });
  box.addEventListener("keydown", (event) => {
    const names = [...rows.keys()];
    const step = STEPS[event.key];
    if (step && names.length) {
      at = clamp(at + step, 0, names.length - 1);
      stage.link.hover([names[at]], "keys");
    } else if (event.key === "Enter" && names[at]) stage.link.pin(names[at], "keys");
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => stage.link.hover([], "table"));

  /** @type {HTMLTableRowElement[]} */
  let lit = [];
  /** @type {Element[]} */
  let given = [];
  stage.link.watch((active, pinned, from) => {
    for (const row of lit) row.classList.remove("cnn-hot", "cnn-pinned");
    for (const row of given) row.classList.remove("cnn-given");
    lit = [...active].flatMap((layer) => (layer === "input" ? input : rows.get(layer)) ?? []);
    for (const row of lit) {
      row.classList.add("cnn-hot");
      row.classList.toggle("cnn-pinned", row.dataset.layer === pinned);
    }
    // A join shows with what it joins, which may stand far above it.
    const ids = lit.flatMap(({ dataset }) => (dataset.from ?? "").split(" ").filter(Boolean));
    given = ids.flatMap((id) => body.children[Number(id.slice(3))] ?? []);
    for (const row of given) row.classList.add("cnn-given");
    if (lit[0] && from && from !== "table") {
      reveal(box, lit[0], head.offsetHeight, foot.offsetHeight);
    }
  });

  stage.view("table", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    sides = plan.align ?? [];
    sees = (plan.headers ?? []).indexOf("sees");
    /** @type {HTMLElement[]} */
    const changed = [];
    // The headers of a number and of its share are one: "params" stands above both.
    putCells(head, "th", plan.headers ?? []);
    putCells(input, "td", plan.input ?? []);
    putCells(foot, "td", plan.total ?? [], changed);
    fill(body, plan.rows ?? [], () => h("tr"), (tr, row) => putRow(tr, row, changed));
    rows = new Map([...body.rows].map((tr) => [tr.dataset.layer ?? "", tr]));
    flash(changed);
    stage.link.again();
    if (plan.rows?.[0]?.cells[0] !== first) box.scrollTop = 0;
    first = plan.rows?.[0]?.cells[0];
    const bad = /** @type {HTMLElement | null} */ (body.querySelector(".cnn-failed"));
    if (bad && bad.dataset.layer !== failed) reveal(box, bad, head.offsetHeight, foot.offsetHeight);
    failed = bad?.dataset.layer;
  });
  stage.view("receptive fields", box, ["facts_view", "plan_view"], () => {
    const { key, rows: known = {} } = stage.get("facts_view");
    if (sees < 0 || key !== stage.get("plan_view").key) return;
    for (const tr of body.rows) write(tr.cells[sees], known[tr.dataset.row ?? ""]?.sees);
  });
  return box;
}
