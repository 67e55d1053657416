// The table of layers.

import { fill, h, reveal, write, writeName } from "../shared/elements.js";
import { clamp } from "../shared/numbers.js";

const FLASH_AT_MOST = 80; // more changed cells than this are a new table, not a change

const SHARES = { 5: "params_share", 7: "macs_share" };

export function tableView(stage) {
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
  let rows = new Map(); // name of a layer -> its row
  let sides = [];
  let at = -1; // the row that the arrow keys are at
  let sees = -1; // the column of receptive fields, which come after the rest
  let failed; // the layer that does not fit: it comes into sight once
  let first; // the first layer: with another one, it is another network, to be read from its top

  const cellsOf = (row, tag, texts, changed) =>
    fill(row, texts, () => h(tag), (cell, text, index) => {
      cell.dataset.align = sides[index] ?? "left";
      cell.classList.toggle("cnn-share", index in SHARES);
      if (write(cell, text)) changed?.push(cell);
    });

  function layerCell(index) {
    if (index in SHARES) return h("td", { class: "cnn-share" }, h("i"), h("span"));
    // The part's name stands apart, as its colour says the same where there is little room.
    return index === 0 ? h("td", {}, h("span", { class: "cnn-part" }), h("span")) : h("td");
  }

  function putName(cell, name, part) {
    const prefix = part && name.startsWith(`${part}.`) ? `${part}.` : "";
    cell.title = name;
    const other = write(cell.firstElementChild, prefix);
    return writeName(cell.lastElementChild, name.slice(prefix.length)) || other;
  }

  function putText(cell, text, index, part) {
    if (index === 0) return putName(cell, text, part);
    return index === 1 ? writeName(cell, text) : write(cell, text);
  }

  function putShare(cell, text, share) {
    if (cell.share !== share) {
      cell.share = share;
      cell.firstElementChild.style.width = share ? `${Math.max(1, 28 * share)}px` : "0";
      cell.previousElementSibling.style.setProperty("--share", share); // drawn below the number in narrow tables
      cell.previousElementSibling.title = text;
    }
    write(cell.lastElementChild, text);
  }

  function put(tr, row, changed) {
    const known = tr.dataset.row !== undefined;
    tr.dataset.row = row.id;
    tr.dataset.layer = row.cells[0];
    tr.dataset.part = row.part;
    tr.from = row.from ?? [];
    tr.classList.toggle("cnn-failed", Boolean(row.failed));
    tr.classList.toggle("cnn-aux", Boolean(row.aux));
    tr.classList.toggle("cnn-join", tr.from.length > 0);
    row.cells.forEach((text, index) => {
      const cell = tr.children[index] ?? tr.appendChild(layerCell(index));
      if (!known) cell.dataset.align = sides[index] ?? "left";
      if (index === sees) return; // as it was, until the new one is known
      if (index in SHARES) putShare(cell, text, row[SHARES[index]] || 0);
      else if (putText(cell, text, index, row.part) && known) changed.push(cell);
    });
    while (tr.children.length > row.cells.length) tr.lastElementChild.remove();
  }

  /** What a slider changed lights up briefly; a table that is all new does not. */
  function flash(changed) {
    if (!changed.length || changed.length > FLASH_AT_MOST || still.matches) return;
    const colour = getComputedStyle(box).getPropertyValue("--cnn-flash");
    for (const cell of changed) cell.animate([{ backgroundColor: colour }, {}], { duration: 350 });
  }

  const layerAt = (event) => event.target.closest("tr[data-layer]")?.dataset.layer;
  box.addEventListener(
    "mouseover",
    (event) => stage.link.hover(layerAt(event) ? [layerAt(event)] : [], "table"),
  );
  box.addEventListener("mouseleave", () => stage.link.hover([], "table"));
  box.addEventListener(
    "click",
    (event) => layerAt(event) && stage.link.pin(layerAt(event), "table"),
  );
  box.addEventListener("keydown", (event) => {
    const names = [...rows.keys()];
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -Infinity,
      End: Infinity,
    }[event.key];
    if (step && names.length) {
      at = clamp(at + step, 0, names.length - 1);
      stage.link.hover([names[at]], "keys");
    } else if (event.key === "Enter" && names[at]) stage.link.pin(names[at], "keys");
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => stage.link.hover([], "table"));

  let lit = [];
  let given = [];
  stage.link.watch((active, pinned, from) => {
    for (const row of lit) row.classList.remove("cnn-hot", "cnn-pinned");
    for (const row of given) row.classList.remove("cnn-given");
    lit = [...active].map((layer) => (layer === "input" ? input : rows.get(layer))).filter(Boolean);
    for (const row of lit) {
      row.classList.add("cnn-hot");
      row.classList.toggle("cnn-pinned", row.dataset.layer === pinned);
    }
    // A join shows with what it joins, which may stand far above it.
    given = lit.flatMap(({ from = [] }) => from.map((id) => body.children[Number(id.slice(3))]))
      .filter(Boolean);
    for (const row of given) row.classList.add("cnn-given");
    if (lit[0] && from && from !== "table") {
      reveal(box, lit[0], head.offsetHeight, foot.offsetHeight);
    }
  });

  stage.view("table", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    sides = plan.align ?? [];
    sees = (plan.headers ?? []).indexOf("sees");
    const changed = [];
    // The headers of a number and of its share are one: "params" stands above both.
    cellsOf(head, "th", plan.headers ?? []);
    cellsOf(input, "td", plan.input ?? []);
    cellsOf(foot, "td", plan.total ?? [], changed);
    fill(body, plan.rows ?? [], () => h("tr"), (tr, row) => put(tr, row, changed));
    rows = new Map([...body.children].map((tr) => [tr.dataset.layer, tr]));
    flash(changed);
    stage.link.again();
    if (plan.rows?.[0]?.cells[0] !== first) box.scrollTop = 0;
    first = plan.rows?.[0]?.cells[0];
    const bad = body.querySelector(".cnn-failed");
    if (bad && bad.dataset.layer !== failed) reveal(box, bad, head.offsetHeight, foot.offsetHeight);
    failed = bad?.dataset.layer;
  });
  stage.view("receptive fields", box, ["facts_view", "plan_view"], () => {
    const { key, rows: known = {} } = stage.get("facts_view");
    if (sees < 0 || key !== stage.get("plan_view").key) return;
    for (const tr of body.children) write(tr.children[sees], known[tr.dataset.row]?.sees);
  });
  return box;
}
