// The diagram, which Graphviz has drawn in Python.

import { h, reveal } from "../shared/elements.js";
import { finite } from "../shared/numbers.js";

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

/** The picture as nodes: only what draws is kept, nothing that runs, loads or leads elsewhere. */
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
  return document.importNode(parsed, true);
}

export function diagramView(stage) {
  const scroll = h("div", {
    class: "cnn-diagram",
    tabindex: "0",
    role: "region",
    "aria-label": "Diagram",
  });
  const box = h("div", { class: "cnn-diagram-box" }, scroll);
  const zooms = [["whole", "Whole"], ["width", "Width"], ["natural", "1:1"]].map(([id, name]) =>
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
  let zoom = null; // until the user chooses
  let svg = null;
  let drawn = null;
  let natural = [1, 1];
  let nodes = new Map(); // id of a row -> its node
  let layers = new Map(); // name of a layer -> its node
  let named = null;
  let top; // the first layer: another network is looked at from its top

  function show(view) {
    drawn = view;
    if (!view.svg) {
      svg = null;
      nodes = new Map();
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
      : [
        parseFloat(svg.getAttribute("width")) || 300,
        parseFloat(svg.getAttribute("height")) || 300,
      ];
    svg.setAttribute("role", "img");
    nodes = new Map();
    for (const node of svg.querySelectorAll("g.node")) {
      const title = node.querySelector("title");
      node.dataset.row = title?.textContent ?? "";
      nodes.set(node.dataset.row, node);
    }
    // Titles would come up as tooltips that say "row7".
    for (const title of svg.querySelectorAll("title")) title.remove();
    scroll.replaceChildren(svg);
    named = null;
    resize();
  }

  /** A picture belongs to the plan with its key; until that is there it keeps its names. */
  function name() {
    const plan = stage.get("plan_view");
    const label = `Diagram of ${plan.title ?? "the network"}`;
    svg?.setAttribute("aria-label", label);
    if (!svg || plan.key !== drawn.key || named === plan) return;
    named = plan;
    if (plan.rows?.[0]?.cells[0] !== top) scroll.scrollTop = 0;
    top = plan.rows?.[0]?.cells[0];
    layers = new Map([["input", nodes.get("input")], ["output", nodes.get("output")], [
      "latent",
      nodes.get("latent"),
    ]]);
    let last = null;
    for (const { id, cells } of plan.rows ?? []) {
      last = nodes.get(id) ?? last; // a layer without a node of its own is part of the one before
      layers.set(cells[0], last);
      if (nodes.has(id)) nodes.get(id).dataset.layer = cells[0];
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
      svg.setAttribute("width", natural[0] * scale);
      svg.setAttribute("height", natural[1] * scale);
    }
    for (const button of zooms) button.setAttribute("aria-pressed", button.dataset.zoom === mode);
  }

  const layerAt = (event) => event.target.closest?.("g.node")?.dataset.layer;
  scroll.addEventListener("mouseover", (event) => {
    const layer = layerAt(event);
    stage.link.hover(layer ? [layer] : [], "diagram");
  });
  scroll.addEventListener("mouseleave", () => stage.link.hover([], "diagram"));
  scroll.addEventListener(
    "click",
    (event) => layerAt(event) && stage.link.pin(layerAt(event), "diagram"),
  );

  stage.link.watch((active, pinned, from) => {
    for (const node of nodes.values()) node.classList.remove("cnn-hot", "cnn-pinned");
    for (const layer of active) layers.get(layer)?.classList.add("cnn-hot");
    layers.get(pinned)?.classList.add("cnn-pinned");
    const first = [...active].find((layer) => layers.get(layer));
    if (first && from && from !== "diagram") reveal(scroll, layers.get(first));
  });

  stage.view("diagram", box, ["diagram_view", "plan_view"], () => {
    const view = stage.get("diagram_view");
    if (view !== drawn && (view.svg || view.dot || view.note)) show(view);
    name();
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
