// Messages of the panel, above everything else.

import { childAt, fill, h, write, writeOrHide } from "./shared/elements.js";

/** @import { Stage } from "./shared/stage.js" */

/** @param {Stage} stage */
export function messagesView(stage) {
  const box = h("div", { class: "cnn-messages", role: "alert" });
  const list = h("div");
  box.append(list);
  /** @type {Set<number>} */
  const dismissed = new Set();
  const redraw = stage.view("messages", box, ["messages_view"], () => {
    const messages = (stage.get("messages_view").messages ?? []).filter(({ id }) =>
      !dismissed.has(id)
    );
    fill(list, messages, make, (bar, { id, text, act }) => {
      bar.dataset.id = String(id);
      write(childAt(bar, 0), text);
      writeOrHide(childAt(bar, 1), act);
    });
  });

  function make() {
    const id = () => Number(bar.dataset.id);
    const act = () => stage.send("smaller batch", { id: id() });
    const dismiss = () => {
      dismissed.add(id());
      stage.send("dismiss", { id: id() });
      redraw();
    };
    /** @type {HTMLElement} */
    const bar = h(
      "div",
      { class: "cnn-message" },
      h("span"),
      h("button", { type: "button", class: "cnn-small cnn-act", hidden: true, onclick: act }),
      h("button", {
        type: "button",
        class: "cnn-small cnn-dismiss",
        "aria-label": "Dismiss this message",
        onclick: dismiss,
      }, "Dismiss"),
    );
    return bar;
  }
  return box;
}
