// Above the network: messages, its title and totals, and the buttons of a fit.

import { fill, h, write } from "./shared/elements.js";
import { makeActions, UNHEARD, WORDS } from "./training/fit_buttons.js";
import { current, DONE } from "./training/fit_state.js";

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
    write(title, plan.title ?? "");
    title.title = plan.title ?? "";
    fill(totals, plan.totals ?? [], make, (figure, { label, value, hint }) => {
      figure.dataset.label = label;
      figure.title = hint ?? "";
      write(figure.firstElementChild, label);
      write(figure.lastElementChild, value);
    });
  });

  let redraw = () => {};
  const { show, unheard } = makeActions(stage, () => redraw());
  redraw = stage.view("buttons", box, ["fit_view", "messages_view"], () => {
    const { state, can = ["fit"], blocked: why } = current(stage.get("fit_view"));
    const ops = (state === "stopping" && !can.length ? ["stop"] : can).filter((op) =>
      op in WORDS && op !== "save"
    );
    if (DONE.has(state)) ops.unshift("save");
    const wanted = ops.map(show);
    if (
      wanted.length !== buttons.children.length || wanted.some((b, i) => b !== buttons.children[i])
    ) {
      const focused = buttons.contains(document.activeElement);
      buttons.replaceChildren(...wanted);
      if (focused) wanted[0]?.focus({ preventScroll: true });
    }
    write(blocked, unheard() ? UNHEARD : ops.includes("fit") ? why : "");
  });
  return box;
}
