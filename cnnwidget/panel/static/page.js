// The page as a whole: where its views stand.

import { dataView } from "./data/data.js";
import { predictionView } from "./data/prediction.js";
import { headerView } from "./header.js";
import { messagesView } from "./messages.js";
import { diagramView } from "./network/diagram.js";
import { layerFactsView } from "./network/layer_facts.js";
import { layerTableView } from "./network/layer_table.js";
import { problemsView } from "./network/problems.js";
import { sourceView } from "./network/source.js";
import { runsView } from "./runs/runs.js";
import { h } from "./shared/elements.js";
import { openStage } from "./shared/stage.js";
import { makeTabs } from "./shared/tabs.js";
import { followSize } from "./theme.js";
import { curvesAndChecks } from "./training/checks.js";
import { fitStatusView } from "./training/fit_status.js";
import { resultsView } from "./training/results.js";

/** @import { Model, Stage } from "./shared/stage.js" */

/** @param {Stage} stage */
function networkView(stage) {
  const { box: diagram, zooms } = diagramView(stage);
  const both = h(
    "div",
    {},
    h("div", { class: "cnn-plan" }, diagram, layerTableView(stage)),
    layerFactsView(stage),
  );
  const source = sourceView(stage);
  const tabs = makeTabs("Network", [
    { id: "network", name: "Diagram and table", panel: both },
    { id: "source", name: "Source", panel: source },
  ]);
  tabs.watch((id) => {
    zooms.hidden = id !== "network";
    for (const resize of stage.resized) resize();
  });
  return h(
    "section",
    { class: "cnn-network", "aria-label": "Network" },
    h("div", { class: "cnn-bar" }, tabs.list, zooms),
    both,
    source,
  );
}

/** @param {Stage} stage */
function fitView(stage) {
  const frames = predictionView(stage);
  const data = dataView(stage);
  const tabs = makeTabs("Frames", [
    { id: "prediction", name: "Prediction", panel: frames.box },
    { id: "data", name: "Data", panel: data.box },
  ]);
  tabs.watch((id) => {
    (id === "data" ? frames : data).stop();
    for (const resize of stage.resized) resize();
  });
  const left = h("div", { class: "cnn-left-half" }, ...curvesAndChecks(stage));
  const right = h(
    "div",
    { class: "cnn-right-half" },
    h("div", { class: "cnn-bar" }, tabs.list),
    frames.box,
    data.box,
  );
  const box = h(
    "section",
    { class: "cnn-fit", "aria-label": "Fit" },
    fitStatusView(stage),
    left,
    right,
  );
  /** @type {boolean | null} */
  let had = null;
  stage.view("frames", right, ["frames_view"], () => {
    // The first frames of a fit come to the front, once; without any there is the data.
    const has = Boolean(stage.get("frames_view").size);
    if (has !== had) tabs.select(has ? "prediction" : "data");
    had = has;
  });
  return box;
}

/**
 * Draw the panel's page into an element; return the function that removes it.
 * @param {{ model: Model, el: HTMLElement }} widget
 */
function render({ model, el }) {
  const stage = openStage(model);
  stage.root.append(
    messagesView(stage),
    headerView(stage),
    problemsView(stage),
    networkView(stage),
    fitView(stage),
    resultsView(stage),
    runsView(stage),
  );
  el.append(stage.root);
  followSize(stage);
  return () => {
    for (const cleanup of stage.cleanups.reverse()) cleanup();
    stage.root.remove();
  };
}

export default { render };
