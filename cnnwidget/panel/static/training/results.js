// The results of a fit: its verdict, its findings, and its skill by lead time.

import { fill, h, write, writeOrHide } from "../shared/elements.js";
import { finite, formatNumber, formatPercent } from "../shared/numbers.js";
import { figuresView } from "./score_table.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { SkillTable } from "../views.d.ts"
 */

/** @param {Stage} stage */
export function resultsView(stage) {
  const verdict = h("p", { class: "cnn-verdict", "aria-live": "polite", hidden: true });
  const findings = h("div", { class: "cnn-findings" });
  const split = h("p", { class: "cnn-split", hidden: true });
  const unit = h("span", { class: "cnn-soft" });
  const head = h("tr");
  const body = h("tbody");
  const skill = h(
    "details",
    { class: "cnn-skill", hidden: true },
    h("summary", {}, "Skill by lead time"),
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
  let leadsBefore = 0;

  /** @param {SkillTable | null | undefined} table */
  function drawSkill(table) {
    skill.hidden = !table?.leads.length;
    if (!table?.leads.length) return;
    const { leads, names, errors, skill: skills } = table;
    if (leads.length !== leadsBefore) skill.open = leads.length <= 6;
    leadsBefore = leads.length;
    write(unit, table.unit);
    fill(head, ["lead", ...names, "skill"], () => h("th", { scope: "col" }), write);
    const rows = leads.map((lead, i) => [
      typeof lead === "number" ? `+${lead}` : lead,
      ...errors.map((ofName) => formatNumber(ofName[i])),
      formatPercent(skills[i]),
    ]);
    fill(body, rows, () => h("tr"), (tr, texts, i) => {
      fill(tr, texts, () => tr.children.length ? h("td") : h("th", { scope: "row" }), write);
      const ofLead = skills[i];
      tr.lastElementChild?.classList.toggle("cnn-worse", finite(ofLead) && ofLead <= 0);
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
