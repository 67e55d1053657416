// What came out of a fit.

import { fill, h, write, writeOrHide } from "../shared/elements.js";
import { finite, minus, number } from "../shared/numbers.js";
import { figuresView } from "./score_table.js";

export function resultView(stage) {
  const verdict = h("p", { class: "cnn-verdict", "aria-live": "polite", hidden: true });
  const advice = h("div", { class: "cnn-advices" });
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
    h("div", { class: "cnn-said" }, verdict, advice, split),
    figures.box,
    skill,
  );
  let leadsBefore = null;

  function drawSkill(table) {
    skill.hidden = !table?.leads?.length;
    if (skill.hidden) return;
    const { leads, names, errors, skill: skills = [] } = table;
    if (leads.length !== leadsBefore) skill.open = leads.length <= 6;
    leadsBefore = leads.length;
    write(unit, table.unit);
    fill(head, ["lead", ...names, "skill"], () => h("th", { scope: "col" }), write);
    const named = (lead) => (String(lead).startsWith("+") ? String(lead) : `+${lead}`);
    const rows = leads.map((
      lead,
      i,
    ) => [named(lead), ...errorsAt(errors, i, names.length), percent(skills[i])]);
    fill(body, rows, () => h("tr"), (tr, texts, i) => {
      fill(
        tr,
        texts,
        () => h(tr.children.length ? "td" : "th", { scope: tr.children.length ? null : "row" }),
        write,
      );
      tr.lastElementChild.classList.toggle("cnn-worse", finite(skills[i]) && skills[i] <= 0);
    });
  }
  // A list for each name, each with a number for every lead.
  const errorsAt = (errors, lead, many) =>
    Array.from({ length: many }, (_, name) => number(errors[name]?.[lead]));
  const percent = (share) => (finite(share) ? `${minus((100 * share).toFixed(0))} %` : "–");

  stage.view("results", box, ["fit_view", "data_view"], () => {
    const fit = stage.get("fit_view");
    writeOrHide(verdict, fit.verdict);
    verdict.dataset.good = String(fit.good ?? "");
    writeOrHide(split, fit.split || stage.get("data_view").split);
    fill(advice, fit.advice ?? [], () => h("p", { class: "cnn-advice" }), write);
    drawSkill(fit.skill);
    figures.show(fit.skill);
  });
  return box;
}
