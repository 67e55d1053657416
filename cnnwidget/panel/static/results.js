// What came out of a fit.

function resultView(stage) {
  const verdict = h("p", { class: "cnn-verdict", "aria-live": "polite", hidden: true });
  const advice = h("div", { class: "cnn-advices" });
  const split = h("p", { class: "cnn-split", hidden: true });
  const unit = h("span", { class: "cnn-soft" });
  const head = h("tr");
  const body = h("tbody");
  const skill = h("details", { class: "cnn-skill", hidden: true },
    h("summary", {}, "Skill by lead time"), unit, h("table", {}, h("thead", {}, head), body));
  const figures = figuresView(stage);
  const box = h("section", { class: "cnn-results", "aria-label": "Results" },
    h("div", { class: "cnn-said" }, verdict, advice, split), figures.box, skill);
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
    const rows = leads.map((lead, i) => [named(lead), ...errorsAt(errors, i, names.length), percent(skills[i])]);
    fill(body, rows, () => h("tr"), (tr, texts, i) => {
      fill(tr, texts, () => h(tr.children.length ? "td" : "th", { scope: tr.children.length ? null : "row" }), write);
      tr.lastElementChild.classList.toggle("cnn-worse", finite(skills[i]) && skills[i] <= 0);
    });
  }
  // A list for each name, each with a number for every lead.
  const errorsAt = (errors, lead, many) => Array.from({ length: many }, (_, name) => number(errors[name]?.[lead]));
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

/** Figures over all lead times, of the network and of each baseline, and what each figure is. */
function figuresView(stage) {
  const body = h("tbody");
  const meanings = h("dl");
  const box = h("div", { class: "cnn-figures", role: "group", "aria-label": "Figures over all lead times", hidden: true },
    h("p", {}, "Over all lead times"), h("table", {}, body),
    h("details", {}, h("summary", {}, "What these figures are"), meanings));
  let shown = null;

  function draw() {
    const { names = [], figures = [] } = shown ?? {};
    box.hidden = !figures.length;
    const upright = [["", ...names], ...figures.map(({ name, values }) => [name, ...values.map((each) => number(each))])];
    // Figures stand beside each other where there is room for six, else below each other.
    const narrow = stage.root.dataset.width === "tiny";
    const rows = narrow ? upright : upright[0].map((_, column) => upright.map((row) => row[column]));
    fill(body, rows, () => h("tr"), (tr, texts, row) => {
      const make = () => (Boolean(row) === Boolean(tr.children.length) ? h("td") : h("th", { scope: row ? "row" : "col" }));
      fill(tr, texts, make, (cell, text, column) => {
        const [figure, name] = narrow ? [row, column] : [column, row];
        write(cell, text);
        cell.title = figures[figure - 1]?.meaning ?? "";
        cell.classList.toggle("cnn-ours", name === 1);
      });
    });
    fill(meanings, figures, () => h("div", {}, h("dt"), h("dd")), (item, { name, meaning }) => {
      write(item.firstElementChild, name);
      write(item.lastElementChild, meaning);
    });
  }
  stage.resized.push(draw);
  return {
    box,
    show(table) {
      shown = table;
      draw();
    },
  };
}
