// The results of a fit: its verdict, its findings, and its skill line by line.

import { fill, h, write, writeOrHide } from "../shared/elements.js";
import { finite, formatNumber, formatPercent } from "../shared/numbers.js";
import { figuresView } from "./figures.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { ScoreTable } from "../views.d.ts"
 */

/** @param {Stage} stage */
export function resultsView(stage) {
  const verdict = h("p", { class: "cnn-verdict", "aria-live": "polite", hidden: true });
  const findings = h("div", { class: "cnn-findings" });
  const split = h("p", { class: "cnn-split", hidden: true });
  const unit = h("span", { class: "cnn-soft" });
  const head = h("tr");
  const body = h("tbody");
  const summary = h("summary");
  const skill = h(
    "details",
    { class: "cnn-skill", hidden: true },
    summary,
    unit,
    h("table", {}, h("thead", {}, head), body),
  );
  const figures = figuresView(stage);
  const box = h(
    "section",
    { class: "cnn-results", "aria-label": "Results" },
    h("div", { class: "cnn-said" }, verdict, findings, split),
    figures.box,
    skill,
  );
  let linesBefore = 0;

  /** @param {ScoreTable | null | undefined} table */
  function drawSkill(table) {
    skill.hidden = !table?.lines.length;
    if (!table?.lines.length) return;
    const { line, lines, names, errors, skill: skills } = table;
    if (lines.length !== linesBefore) skill.open = lines.length <= 6;
    linesBefore = lines.length;
    write(summary, `Skill by ${line}`);
    write(unit, table.unit);
    fill(head, [line, ...names, "skill"], () => h("th", { scope: "col" }), write);
    const rows = lines.map((name, i) => [
      name,
      ...errors.map((ofName) => formatNumber(ofName[i])),
      formatPercent(skills[i]),
    ]);
    fill(body, rows, () => h("tr"), (tr, texts, i) => {
      fill(tr, texts, () => tr.children.length ? h("td") : h("th", { scope: "row" }), write);
      const ofLine = skills[i];
      tr.lastElementChild?.classList.toggle("cnn-worse", finite(ofLine) && ofLine <= 0);
    });
  }

  stage.view("results", box, ["fit_view", "data_view"], () => {
    const fit = stage.get("fit_view");
    writeOrHide(verdict, fit.verdict);
    verdict.dataset.good = String(fit.good ?? "");
    writeOrHide(split, fit.split || stage.get("data_view").split);
    fill(findings, fit.findings ?? [], () => h("p", { class: "cnn-finding" }), write);
    drawSkill(fit.skill);
    figures.show(fit.skill);
  });
  return box;
}
