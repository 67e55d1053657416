// The diagram, which Graphviz has drawn in Python.

import { h, reveal } from "../shared/elements.js";
import { finite } from "../shared/numbers.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { DiagramView, PlanView } from "../views.d.ts"
 *
 * @typedef {"whole" | "width" | "natural"} Zoom
 */

const PX_PER_PT = 4 / 3;

const DRAWN = new Set([
  "svg",
  "g",
  "a",
  "title",
  "path",
  "polygon",
  "polyline",
  "ellipse",
  "circle",
  "rect",
  "line",
  "text",
  "tspan",
  "defs",
  "linearGradient",
  "stop",
]);

/**
 * The picture as an element: only what draws is kept, nothing that runs, loads or leads elsewhere.
 * @param {string} text
 * @returns {SVGSVGElement}
 */
function readSvg(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.localName !== "svg" || parsed.getElementsByTagName("parsererror").length) {
    throw new Error("the picture is not valid SVG");
  }
  for (const element of [parsed, ...parsed.querySelectorAll("*")]) {
    if (!DRAWN.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes]) {
      // Ids, too: the same picture may be twice in a page.
      const bad = /^on|href$|^id$/i.test(name) || /url\s*\(|javascript:/i.test(value);
      if (bad) element.removeAttribute(name);
    }
  }
  return /** @type {SVGSVGElement} */ (/** @type {Element} */ (document.importNode(parsed, true)));
}

/** @type {[id: Zoom, name: string][]} */
const ZOOMS = [["whole", "Whole"], ["width", "Width"], ["natural", "1:1"]];

/** @param {Stage} stage */
export function diagramView(stage) {
  const scroll = h("div", {
    class: "cnn-diagram",
    tabindex: "0",
    role: "region",
    "aria-label": "Diagram",
  });
  const box = h("div", { class: "cnn-diagram-box" }, scroll);
  const zooms = ZOOMS.map(([id, name]) =>
    h("button", {
      type: "button",
      class: "cnn-small cnn-zoom",
      "data-zoom": id,
      title: `Size of the diagram: ${name}`,
      onclick: () => {
        zoom = id;
        resize();
      },
    }, name)
  );
  /** @type {Zoom | null} */
  let zoom = null; // until the user chooses
  /** @type {SVGSVGElement | null} */
  let svg = null;
  /** @type {Partial<DiagramView> | null} */
  let drawn = null;
  let natural = [1, 1];
  /** @type {Map<string, SVGGElement>} */
  let nodes = new Map(); // by the id of a row
  /** @type {Map<string, SVGGElement | undefined>} */
  let layers = new Map(); // by the name of a layer
  /** @type {Partial<PlanView> | null} */
  let named = null;
  /** @type {string | undefined} */
  let top; // the first layer: another network is looked at from its top

  /** @param {Partial<DiagramView>} view */
  function show(view) {
    drawn = view;
    nodes = new Map();
    if (!view.svg) {
      svg = null;
      layers = new Map();
      scroll.replaceChildren(
        h("p", { class: "cnn-hint" }, view.note || ""),
        h("pre", { class: "cnn-dot" }, view.dot || ""),
      );
      return;
    }
    svg = readSvg(view.svg);
    const viewed = (svg.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
    natural = viewed.length === 4 && viewed.every(finite)
      ? [viewed[2] * PX_PER_PT, viewed[3] * PX_PER_PT]
      : ["width", "height"].map((side) => parseFloat(svg?.getAttribute(side) ?? "") || 300);
    svg.setAttribute("role", "img");
    /** @type {NodeListOf<SVGGElement>} */
    const groups = svg.querySelectorAll("g.node");
    for (const node of groups) {
      const row = node.querySelector("title")?.textContent ?? "";
      node.dataset.row = row;
      nodes.set(row, node);
    }
    // Titles would come up as tooltips that say "row7".
    for (const title of svg.querySelectorAll("title")) title.remove();
    scroll.replaceChildren(svg);
    named = null;
    resize();
  }

  /** Name the nodes. A picture belongs to the plan with its key; until then it keeps its names. */
  function nameNodes() {
    const plan = stage.get("plan_view");
    const label = `Diagram of ${plan.title ?? "the network"}`;
    svg?.setAttribute("aria-label", label);
    if (!svg || plan.key !== drawn?.key || named === plan) return;
    named = plan;
    if (plan.rows?.[0]?.cells[0] !== top) scroll.scrollTop = 0;
    top = plan.rows?.[0]?.cells[0];
    layers = new Map(["input", "output", "latent"].map((end) => [end, nodes.get(end)]));
    /** @type {SVGGElement | undefined} */
    let last;
    for (const { id, cells: [layer] } of plan.rows ?? []) {
      const node = nodes.get(id);
      last = node ?? last; // a layer without a node of its own is part of the one before
      layers.set(layer, last);
      if (node) node.dataset.layer = layer;
    }
  }

  function resize() {
    if (!svg) return;
    const [wide, high] = [scroll.clientWidth - 2, scroll.clientHeight - 2];
    const whole = Math.min(1, wide / natural[0], high / natural[1]);
    // A picture of fifty stages that fits is a thread: rather as wide as the pane.
    const mode = zoom ?? (whole > 0.16 ? "whole" : "width");
    const scale = { whole, width: Math.min(1, wide / natural[0]), natural: 1 }[mode];
    if (wide > 0) {
      svg.setAttribute("width", String(natural[0] * scale));
      svg.setAttribute("height", String(natural[1] * scale));
    }
    for (const button of zooms) {
      button.setAttribute("aria-pressed", String(button.dataset.zoom === mode));
    }
  }

  /** @param {Event} event */
  const layerAt = ({ target }) => {
    const node = target instanceof Element ? target.closest("g.node") : null;
    return /** @type {SVGGElement | null} */ (node)?.dataset.layer;
  };
  scroll.addEventListener("mouseover", (event) => {
    const layer = layerAt(event);
    stage.link.hover(layer ? [layer] : [], "diagram");
  });
  scroll.addEventListener("mouseleave", () => stage.link.hover([], "diagram"));
  scroll.addEventListener("click", (event) => {
    const layer = layerAt(event);
    if (layer) stage.link.pin(layer, "diagram");
  });

  stage.link.watch((active, pinned, from) => {
    for (const node of nodes.values()) node.classList.remove("cnn-hot", "cnn-pinned");
    for (const layer of active) layers.get(layer)?.classList.add("cnn-hot");
    if (pinned) layers.get(pinned)?.classList.add("cnn-pinned");
    const [first] = [...active].flatMap((layer) => layers.get(layer) ?? []);
    if (first && from && from !== "diagram") reveal(scroll, first);
  });

  stage.view("diagram", box, ["diagram_view", "plan_view"], () => {
    const view = stage.get("diagram_view");
    if (view !== drawn && (view.svg || view.dot || view.note)) show(view);
    nameNodes();
    stage.link.again();
  });
  stage.resized.push(resize);
  return {
    box,
    zooms: h(
      "div",
      { class: "cnn-zooms", role: "group", "aria-label": "Size of the diagram" },
      ...zooms,
    ),
  };
}
