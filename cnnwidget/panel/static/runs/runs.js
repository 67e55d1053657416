// The runs of the notebook: their curves over each other, and a table that sorts. What can be done
// with a run is done in Python, what is only looked at here.

import { runCurvesView } from "./run_curves.js";
import { makeRunLink } from "./run_link.js";
import { runTableView } from "./run_table.js";
import { h, write, writeOrHide } from "../shared/elements.js";

/** @import { Stage } from "../shared/stage.js" */

/** @param {Stage} stage */
export function runsView(stage) {
  const link = makeRunLink();
  const count = h("span", { class: "cnn-soft" });
  const said = h("p", { class: "cnn-runs-said", role: "status" });
  const limits = h("p", { class: "cnn-runs-limits" });
  const save = h("button", {
    type: "button",
    class: "cnn-small cnn-export",
    onclick: () => stage.send("export runs"),
    title: "Write the table into a new file beside the notebook",
  }, "Export CSV");
  const { box: curves, axes } = runCurvesView(stage, link);
  const box = h(
    "section",
    { class: "cnn-runs", "aria-label": "Runs", hidden: true },
    h(
      "div",
      { class: "cnn-bar" },
      h("h2", { class: "cnn-runs-title" }, "Runs ", count),
      said,
      h("div", { class: "cnn-runs-tools" }, axes, save),
    ),
    h("div", { class: "cnn-runs-both" }, curves, runTableView(stage, link)),
    limits,
  );
  stage.view("runs", box, ["runs_view"], () => {
    const view = stage.get("runs_view");
    const runs = view.runs ?? [];
    box.hidden = !runs.length;
    write(count, String(runs.filter(({ deleted }) => !deleted).length));
    write(said, view.said);
    said.title = view.said ?? "";
    writeOrHide(limits, view.limits);
    for (const resize of stage.resized) resize();
  });
  return box;
}
