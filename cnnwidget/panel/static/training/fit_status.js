// The progress of a fit, in a line, and the design that its curve belongs to.

import { h, write } from "../shared/elements.js";
import { clamp } from "../shared/numbers.js";
import { withProgress } from "./fit_state.js";

/** @import { Stage } from "../shared/stage.js" */

/** @param {Stage} stage */
export function fitStatusView(stage) {
  const bar = h("i");
  const progress = h("div", {
    class: "cnn-progress",
    role: "progressbar",
    "aria-label": "Progress of the fit",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  }, bar);
  const line = h("span", { class: "cnn-line" });
  const left = h("span", { class: "cnn-left" });
  const belongs = h("span", { class: "cnn-belongs-text" });
  const restore = h("button", {
    type: "button",
    class: "cnn-small cnn-restore",
    onclick: () => stage.send("restore"),
  }, "Bring this design back");
  const saved = h("p", { class: "cnn-saved", "aria-live": "polite" });
  const keeps = h("p", { class: "cnn-keeps", "aria-live": "polite" });
  const belonging = h("div", { class: "cnn-belongs", hidden: true }, belongs, restore);
  const box = h(
    "div",
    { class: "cnn-status" },
    progress,
    h("div", { class: "cnn-status-row" }, line, keeps, saved, left),
    h("div", { class: "cnn-status-row" }, belonging),
  );
  stage.view("status", box, ["fit_view", "plan_view"], () => {
    const fit = withProgress(stage.get("fit_view"));
    const state = fit.state ?? "idle";
    const share = clamp(fit.progress || 0, 0, 1);
    progress.dataset.state = state;
    progress.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    bar.style.transform = `scaleX(${share})`;
    write(line, fit.line || (state === "idle" ? "Not fitted yet." : state));
    line.title = fit.line ?? "";
    write(left, fit.left);
    const other = state !== "idle" && Boolean(fit.key) && fit.key !== stage.get("plan_view").key;
    belonging.hidden = !other;
    write(belongs, other ? `This curve belongs to: ${fit.design ?? "another design"}` : "");
    write(saved, fit.saved);
    saved.title = fit.saved ?? "";
    write(keeps, fit.keeps);
    keeps.title = fit.keeps ?? "";
    belongs.title = fit.design ?? "";
  });
  return box;
}
