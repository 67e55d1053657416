// Problems and cautions of the design, with buttons that mend them.

import { childAt, fill, h, write } from "../shared/elements.js";

/**
 * @import { Stage } from "../shared/stage.js"
 * @import { Problem } from "../views.d.ts"
 */

const LETTER = 6.6; // pixels, roughly: measured text would mean a second layout

/**
 * How many lines a problem takes.
 * @param {Problem} problem
 * @param {number} width in pixels
 */
function linesOf({ where, text, mends }, width) {
  const buttons = mends.reduce((sum, { label }) => sum + 26 + LETTER * label.length, 0);
  return Math.ceil((30 + LETTER * (where.length + text.length) + buttons) / width);
}

/**
 * How many problems the strip, whose height is fixed, can hold; at least one, at most three.
 * @param {Problem[]} problems
 * @param {number} width in pixels
 */
function fitting(problems, width) {
  let shown = 0;
  for (let used = 0; shown < Math.min(3, problems.length); shown += 1) {
    used += linesOf(problems[shown], width);
    const room = shown + 1 === problems.length ? 3 : 2; // "and 4 more" takes the third line
    if (shown && used > room) break;
  }
  return shown;
}

/**
 * @param {number} many
 * @param {string} word
 */
const counted = (many, word) => `${many || "no"} ${word}${many === 1 ? "" : "s"}`;

/** @param {Stage} stage */
export function problemsView(stage) {
  const list = h("div", { class: "cnn-problem-list" });
  const rest = h("div", { class: "cnn-problem-list" });
  const summary = h("summary");
  const more = h("details", { class: "cnn-more", hidden: true }, summary, rest);
  const count = h("p", { class: "cnn-count", "aria-live": "polite" });
  const box = h(
    "section",
    { class: "cnn-problems", "aria-label": "Problems and cautions" },
    count,
    list,
    more,
  );

  function make() {
    const where = h("b");
    // A caution may name several layers: "encoder.stage4.norm, encoder.stage5.norm and 2 more".
    const point = () => stage.link.hover(where.textContent.split(/,\s+|\s+and\s+/), "problems");
    const leave = () => stage.link.hover([], "problems");
    return h(
      "div",
      {
        class: "cnn-problem",
        onmouseenter: point,
        onmouseleave: leave,
        onfocusin: point,
        onfocusout: leave,
      },
      where,
      h("span", { class: "cnn-problem-text" }),
      h("span", { class: "cnn-mends" }),
    );
  }

  function makeMend() {
    const send = () => stage.send("mend", { id: button.dataset.id, key: button.dataset.key });
    /** @type {HTMLButtonElement} */
    const button = h("button", { type: "button", class: "cnn-small cnn-mend", onclick: send });
    return button;
  }

  stage.resized.push(stage.view("problems", box, ["problems_view", "plan_view"], () => {
    const { problems = [], key = "" } = stage.get("problems_view");
    const stale = key !== stage.get("plan_view").key; // the mends of another design mend nothing
    /**
     * @param {HTMLElement} element
     * @param {Problem} problem
     */
    const put = (element, { kind, where, text, mends }) => {
      element.dataset.kind = kind;
      write(childAt(element, 0), where);
      write(childAt(element, 1), text);
      fill(childAt(element, 2), mends, makeMend, (button, { id, label, hint }) => {
        write(button, label);
        button.dataset.id = id;
        button.dataset.key = key;
        button.disabled = stale;
        button.title = hint ?? `Change the design: ${label}`;
      });
    };
    const shown = fitting(problems, box.clientWidth || 800);
    fill(list, problems.slice(0, shown), make, put);
    fill(rest, problems.slice(shown), make, put);
    write(summary, `and ${problems.length - shown} more`);
    more.hidden = shown === problems.length;
    if (more.hidden) more.open = false;
    const ofKind = (/** @type {string} */ word) =>
      counted(problems.filter(({ kind }) => kind === word).length, word);
    write(count, key ? `${ofKind("problem")}, ${ofKind("caution")}` : "");
    count.classList.toggle("cnn-unseen", problems.length > 0);
  }));
  return box;
}
