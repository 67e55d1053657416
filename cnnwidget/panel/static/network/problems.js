// Problems and cautions of the design, with buttons that mend them.

import { fill, h, write } from "../shared/elements.js";

export function notesView(stage) {
  const list = h("div", { class: "cnn-note-list" });
  const rest = h("div", { class: "cnn-note-list" });
  const summary = h("summary");
  const more = h("details", { class: "cnn-more", hidden: true }, summary, rest);
  const count = h("p", { class: "cnn-count", "aria-live": "polite" });
  let stale = false;
  const box = h(
    "section",
    { class: "cnn-notes", "aria-label": "Problems and cautions" },
    count,
    list,
    more,
  );

  function make() {
    const point = () => stage.link.hover(names(note), "notes");
    const leave = () => stage.link.hover([], "notes");
    const note = h(
      "div",
      {
        class: "cnn-note",
        onmouseenter: point,
        onmouseleave: leave,
        onfocusin: point,
        onfocusout: leave,
      },
      h("b"),
      h("span", { class: "cnn-note-text" }),
      h("span", { class: "cnn-mends" }),
    );
    return note;
  }
  // A caution may name several layers: "encoder.stage4.norm, encoder.stage5.norm and 2 more".
  const names = (note) => note.firstElementChild.textContent.split(/,\s+|\s+and\s+/);
  const mend = () =>
    h("button", {
      type: "button",
      class: "cnn-small cnn-mend",
      onclick: (event) => {
        const { dataset } = event.currentTarget;
        stage.send("mend", { id: dataset.id, key: dataset.key });
      },
    });
  function put(note, { kind, where, text, mends = [] }, key) {
    note.dataset.kind = kind;
    write(note.children[0], where);
    write(note.children[1], text);
    fill(note.children[2], mends, mend, (button, { id, label, hint }) => {
      write(button, label);
      button.dataset.id = id;
      button.dataset.key = key;
      button.disabled = stale;
      button.title = hint ?? `Change the design: ${label}`;
    });
  }

  /** As many notes as the strip, whose height is fixed, can hold; at least one, at most three. */
  function arrange() {
    const { notes = [], key } = stage.get("notes_view");
    stale = key !== stage.get("plan_view").key; // the notes of a design that is no more mend nothing
    const width = box.clientWidth || 800;
    const letters = 6.6; // pixels, roughly: measured text would mean a second layout
    const lines = ({ where = "", text = "", mends = [] }) => {
      const buttons = mends.reduce((sum, { label }) => sum + 26 + letters * label.length, 0);
      return Math.ceil((30 + letters * (where.length + text.length) + buttons) / width);
    };
    let shown = 0;
    for (let used = 0; shown < Math.min(3, notes.length); shown += 1) {
      used += lines(notes[shown]);
      const room = shown + 1 === notes.length ? 3 : 2; // "and 4 more" takes the third line
      if (shown && used > room) break;
    }
    fill(list, notes.slice(0, shown), make, (note, item) => put(note, item, key));
    fill(rest, notes.slice(shown), make, (note, item) => put(note, item, key));
    write(summary, `and ${notes.length - shown} more`);
    more.hidden = shown === notes.length;
    if (more.hidden) more.open = false;
    const problems = notes.filter(({ kind }) => kind === "problem").length;
    const cautions = notes.filter(({ kind }) => kind === "caution").length;
    const counted = (many, word) => `${many || "no"} ${word}${many === 1 ? "" : "s"}`;
    write(count, key ? `${counted(problems, "problem")}, ${counted(cautions, "caution")}` : "");
    count.classList.toggle("cnn-unseen", notes.length > 0);
  }
  stage.resized.push(stage.view("notes", box, ["notes_view", "plan_view"], arrange));
  return box;
}
