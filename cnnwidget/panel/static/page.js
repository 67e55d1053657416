// The page as a whole: where its views stand, how wide it is, light or dark.

import { dataView } from "./data/data.js";
import { framesView } from "./data/prediction.js";
import { headerView } from "./header.js";
import { messagesView } from "./messages.js";
import { diagramView } from "./network/diagram.js";
import { factsView } from "./network/layer_facts.js";
import { tableView } from "./network/layer_table.js";
import { notesView } from "./network/problems.js";
import { sourceView } from "./network/source.js";
import { runsView } from "./runs/runs.js";
import { h } from "./shared/elements.js";
import { openStage } from "./shared/stage.js";
import { makeTabs } from "./shared/tabs.js";
import { followSize } from "./theme.js";
import { curvesAndChecks } from "./training/checks.js";
import { statusView } from "./training/fit_status.js";
import { resultView } from "./training/results.js";

function networkView(stage) {
  const { box: diagram, zooms } = diagramView(stage);
  const both = h(
    "div",
    {},
    h("div", { class: "cnn-plan" }, diagram, tableView(stage)),
    factsView(stage),
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

function fitView(stage) {
  const frames = framesView(stage);
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
    statusView(stage),
    left,
    right,
  );
  let had = null;
  stage.view("frames", right, ["frames_view"], () => {
    // The first frames of a fit come to the front, once; without any there is the data.
    const has = Boolean(stage.get("frames_view").size);
    if (has !== had) tabs.select(has ? "prediction" : "data");
    had = has;
  });
  return box;
}

function render({ model, el }) {
  const stage = openStage(model);
  stage.root.append(
    messagesView(stage),
    headerView(stage),
    notesView(stage),
    networkView(stage),
    fitView(stage),
    resultView(stage),
    runsView(stage),
  );
  el.append(stage.root);
  followSize(stage);
  return () => {
    for (const act of stage.undo.reverse()) act();
    stage.root.remove();
  };
}

export default { render };
