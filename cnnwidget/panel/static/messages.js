// Messages of the panel, above everything else.

import { fill, h, write, writeOrHide } from "./shared/elements.js";

export function messagesView(stage) {
  const box = h("div", { class: "cnn-messages", role: "alert" });
  const list = h("div");
  box.append(list);
  const dismissed = new Set();
  const redraw = stage.view("messages", box, ["messages_view"], () => {
    const messages = (stage.get("messages_view").messages ?? []).filter(({ id }) =>
      !dismissed.has(id)
    );
    const make = () =>
      h(
        "div",
        { class: "cnn-message" },
        h("span"),
        h("button", {
          type: "button",
          class: "cnn-small cnn-act",
          hidden: true,
          onclick: (event) => {
            const id = event.currentTarget.parentElement.message;
            stage.send("smaller batch", { id });
          },
        }),
        h("button", {
          type: "button",
          class: "cnn-small cnn-dismiss",
          "aria-label": "Dismiss this message",
          onclick: (event) => {
            const id = event.currentTarget.parentElement.message;
            dismissed.add(id);
            stage.send("dismiss", { id });
            redraw();
          },
        }, "Dismiss"),
      );
    fill(list, messages, make, (bar, { id, text, act }) => {
      bar.message = id;
      write(bar.firstElementChild, text);
      writeOrHide(bar.children[1], act);
    });
  });
  return box;
}
