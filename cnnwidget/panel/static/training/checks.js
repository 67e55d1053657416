// Checks: what one tries beside a fit, each behind a tab beside the loss curves.

import { h, write, writeOrHide } from "../shared/elements.js";
import { finite, formatNumber, formatShort } from "../shared/numbers.js";
import { makeTabs } from "../shared/tabs.js";
import { makeCheckPlot } from "./check_plot.js";
import { RUNNING } from "./fit_state.js";
import { lossCurvesView } from "./loss_curves.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { CheckName } from "../views.d.ts"
 * @import { PointText } from "./check_plot.js"
 */

/** @type {{ id: CheckName, name: string, pointText: PointText }[]} */
const CHECKS = [
  {
    id: "rate",
    name: "Learning rate",
    pointText: (rate, loss, { mark }, first) => {
      const value = formatNumber(loss);
      return first && mark
        ? `proposed: ${
          formatShort(mark.x)
        }, where the smoothed training loss (${value}) falls fastest`
        : `at a learning rate of ${formatShort(rate, 3)} the smoothed training loss was ${value}`;
    },
  },
  {
    id: "batch",
    name: "One batch",
    pointText: (step, loss) => `at step ${step} the loss of the batch was ${formatNumber(loss)}`,
  },
  {
    id: "sweep",
    name: "Sweep",
    pointText: (at, loss, { names = [], x_name: field, y_name: measure }) =>
      `${field} ${names[at]}: ${finite(loss) ? `${measure} ${formatNumber(loss)}` : "not yet"}`,
  },
];

/**
 * The loss curves and the results of checks, behind tabs once there is a check.
 * @param {Stage} stage
 */
export function curvesAndChecks(stage) {
  /** @type {{ id: CheckName | "curves", name: string, panel: HTMLElement }[]} */
  const pages = [
    { id: "curves", name: "Loss curves", panel: lossCurvesView(stage) },
    ...CHECKS.map(({ id, name, pointText }) => ({
      id,
      name,
      panel: checkView(stage, id, pointText),
    })),
  ];
  const tabs = makeTabs("Curves and checks", pages);
  const bar = h("div", { class: "cnn-bar cnn-check-bar" }, tabs.list);
  tabs.watch(() => {
    for (const resize of stage.resized) resize();
  });
  let shown = 0;
  /** @type {{ ended: string | null } | null} */
  let former = null; // what the curves were of
  stage.view("checks", bar, ["checks_view", "fit_view"], () => {
    const checks = stage.get("checks_view");
    const { state, key, line } = stage.get("fit_view");
    bar.hidden = !checks.number;
    for (const { id } of CHECKS) tabs.button(id).hidden = !checks[id];
    // The latest comes to the front, once: a check that begins, a fit that does, a run brought back.
    const running = RUNNING.has(state);
    const ended = running ? null : `${key} ${line}`;
    const begun = former &&
      (running ? former.ended !== null : former.ended !== null && former.ended !== ended);
    former = { ended };
    const { number = 0, front = "curves" } = checks;
    if (number !== shown) {
      shown = number;
      tabs.select(front);
    } else if (begun) tabs.select("curves");
  });
  return [bar, ...pages.map(({ panel }) => panel)];
}

/**
 * One check: its plot, the sentence, and a button that sets what it proposes.
 * @param {Stage} stage
 * @param {CheckName} id
 * @param {PointText} pointText
 */
function checkView(stage, id, pointText) {
  const plot = makeCheckPlot(pointText);
  const sentence = h("span");
  let used = ""; // the proposal that was taken
  const proposal = () => `${stage.get("checks_view").number} ${stage.get("checks_view")[id]?.use}`;
  const use = () => {
    used = proposal();
    stage.send("use", { check: id });
    redraw();
  };
  const button = h("button", { type: "button", class: "cnn-small cnn-use", onclick: use });
  const verdict = h(
    "div",
    { class: "cnn-verdict cnn-check-verdict", "aria-live": "polite" },
    sentence,
    button,
  );
  const about = h("p", { class: "cnn-soft cnn-check-about" });
  const box = h("div", { class: "cnn-check" }, plot.box, verdict, about);
  const redraw = stage.view("check", box, ["checks_view"], () => {
    const check = stage.get("checks_view")[id];
    write(sentence, check?.sentence);
    verdict.dataset.good = String(check?.good ?? "");
    verdict.hidden = !check?.sentence;
    const taken = used === proposal();
    writeOrHide(button, taken ? check?.use.replace("use ", "set: ") : check?.use);
    button.disabled = taken;
    write(about, check?.about);
    about.title = check?.about ?? "";
    if (check?.plot) plot.draw(check.plot);
  });
  stage.resized.push(redraw);
  return box;
}
