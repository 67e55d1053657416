// Checks: what one tries beside a fit, each behind a tab beside the loss curves.

import { h, write, writeOrHide } from "../shared/elements.js";
import { finite, number, plain } from "../shared/numbers.js";
import { makeTabs } from "../shared/tabs.js";
import { makePlot } from "./check_plot.js";
import { RUNNING } from "./fit_state.js";
import { curveView } from "./loss_curves.js";

const CHECKS = { rate: "Learning rate", batch: "One batch", sweep: "Sweep" };

/** What one sees at a point of a check's plot; at first, before one is pointed at, at what is proposed. */
const TOLD = {
  rate: (
    rate,
    loss,
    { mark },
    first,
  ) => (first && mark
    ? `proposed: ${plain(mark.x)}, where the smoothed training loss (${number(loss)}) falls fastest`
    : `at a learning rate of ${plain(rate, 3)} the smoothed training loss was ${number(loss)}`),
  batch: (step, loss) => `at step ${step} the loss of the batch was ${number(loss)}`,
  sweep: (at, loss, { names, x_name: field, y_name: measure }) =>
    `${field} ${names[at]}: ${finite(loss) ? `${measure} ${number(loss)}` : "not yet"}`,
};

/** The loss curves and, once there is one, what came of checks, behind tabs. */
export function curvesAndChecks(stage) {
  const pages = Object.entries(CHECKS).map(([id, name]) => ({
    id,
    name,
    panel: checkView(stage, id),
  }));
  const curves = { id: "curves", name: "Loss curves", panel: curveView(stage) };
  const tabs = makeTabs("Curves and checks", [curves, ...pages]);
  const bar = h("div", { class: "cnn-bar cnn-check-bar" }, tabs.list);
  tabs.watch(() => {
    for (const resize of stage.resized) resize();
  });
  let shown = 0;
  let former = null; // what the curves were of
  stage.view("checks", bar, ["checks_view", "fit_view"], () => {
    const checks = stage.get("checks_view");
    const { state, key, line } = stage.get("fit_view");
    bar.hidden = !checks.number;
    for (const id of Object.keys(CHECKS)) tabs.button(id).hidden = !checks[id];
    // The latest comes to the front, once: a check that begins, a fit that does, a run brought back.
    const running = RUNNING.has(state);
    const ended = running ? null : `${key} ${line}`;
    const begun = former &&
      (running ? former.ended !== null : former.ended !== null && former.ended !== ended);
    former = { ended };
    if ((checks.number ?? 0) !== shown) {
      shown = checks.number;
      tabs.select(checks.front);
    } else if (begun) tabs.select("curves");
  });
  return [bar, curves.panel, ...pages.map(({ panel }) => panel)];
}

/** One check: its plot, the sentence, and a button that sets what it proposes. */
function checkView(stage, id) {
  const plot = makePlot(TOLD[id]);
  const said = h("span");
  const button = h("button", {
    type: "button",
    class: "cnn-small cnn-use",
    onclick: () => {
      used = proposal();
      stage.send("use", { check: id });
      redraw();
    },
  });
  const verdict = h(
    "div",
    { class: "cnn-verdict cnn-check-verdict", "aria-live": "polite" },
    said,
    button,
  );
  const about = h("p", { class: "cnn-soft cnn-check-about" });
  const box = h("div", { class: "cnn-check" }, plot.box, verdict, about);
  let used = ""; // the proposal that was taken
  const proposal = () => `${stage.get("checks_view").number} ${stage.get("checks_view")[id]?.use}`;
  const redraw = stage.view("check", box, ["checks_view"], () => {
    const { sentence, good, use, about: of, plot: drawn } = stage.get("checks_view")[id] ?? {};
    write(said, sentence);
    verdict.dataset.good = String(good ?? "");
    verdict.hidden = !sentence;
    const taken = used === proposal();
    writeOrHide(button, use && (taken ? use.replace("use ", "set: ") : use));
    button.disabled = taken;
    write(about, of);
    about.title = of ?? "";
    if (drawn) plot.draw(drawn);
  });
  stage.resized.push(redraw);
  return box;
}
