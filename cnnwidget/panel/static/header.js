// Above the network: its title and totals, and the buttons of a fit.

import { childAt, fill, h, write } from "./shared/elements.js";
import { makeFitButtons, NO_ANSWER } from "./training/fit_buttons.js";
import { DONE, withProgress } from "./training/fit_state.js";

/**
 * @import { Stage } from "./shared/stage.js"
 * @import { FitOperation } from "./views.d.ts"
 */

/** @param {Stage} stage */
export function headerView(stage) {
  const title = h("h2", { class: "cnn-title" });
  const totals = h("dl", { class: "cnn-totals" });
  const buttons = h("div", { class: "cnn-buttons", role: "group", "aria-label": "Fit" });
  const blocked = h("p", { class: "cnn-blocked", "aria-live": "polite" });
  const box = h(
    "header",
    { class: "cnn-header" },
    h("div", { class: "cnn-heading" }, title, totals),
    h("div", { class: "cnn-actions" }, buttons, blocked),
  );
  const make = () => h("div", { class: "cnn-total" }, h("dt"), h("dd"));

  stage.view("title", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    write(title, plan.title);
    title.title = plan.title ?? "";
    fill(totals, plan.totals ?? [], make, (figure, { label, value, hint }) => {
      figure.dataset.label = label;
      figure.title = hint;
      write(childAt(figure, 0), label);
      write(childAt(figure, 1), value);
    });
  });

  let redraw = () => {};
  const { show, unanswered } = makeFitButtons(stage, () => redraw());
  redraw = stage.view("buttons", box, ["fit_view", "messages_view"], () => {
    const { state, can = ["fit"], blocked: why } = withProgress(stage.get("fit_view"));
    /** @type {FitOperation[]} */
    const ops = state === "stopping" && !can.length ? ["stop"] : [...can];
    if (DONE.has(state)) ops.unshift("save");
    const shown = ops.map(show);
    if (
      shown.length !== buttons.children.length || shown.some((b, i) => b !== buttons.children[i])
    ) {
      const focused = buttons.contains(document.activeElement);
      buttons.replaceChildren(...shown);
      if (focused) shown[0]?.focus({ preventScroll: true });
    }
    write(blocked, unanswered() ? NO_ANSWER : ops.includes("fit") ? why : "");
  });
  return box;
}
