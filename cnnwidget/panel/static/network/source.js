// The source of the network, to be copied or kept.

import { h, write, writeOrHide } from "../shared/elements.js";

/** @import { Stage } from "../shared/stage.js" */

/** @param {Stage} stage */
export function sourceView(stage) {
  const text = h("code");
  const note = h("p", { class: "cnn-hint" });
  const copied = h("span", { class: "cnn-soft", "aria-live": "polite" });
  const pre = h("pre", {
    class: "cnn-source",
    tabindex: "0",
    "aria-label": "Source of the network",
  }, text);
  const copy = h("button", {
    type: "button",
    class: "cnn-small cnn-copy",
    onclick: async () => {
      write(
        copied,
        (await copyText(text.textContent, pre)) ? "Copied." : "The browser did not allow it.",
      );
      setTimeout(() => write(copied, ""), 2000);
    },
  }, "Copy");
  const download = h("button", {
    type: "button",
    class: "cnn-small cnn-download",
    onclick: () => {
      const url = URL.createObjectURL(new Blob([text.textContent], { type: "text/x-python" }));
      h("a", { href: url, download: "network.py" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    },
  }, "Download network.py");
  const box = h(
    "div",
    { class: "cnn-source-box" },
    note,
    h("div", { class: "cnn-source-tools" }, copied, copy, download),
    pre,
  );
  stage.view("source", box, ["plan_view"], () => {
    const { source, source_note: why } = stage.get("plan_view");
    write(text, source ?? "");
    writeOrHide(note, source ? "" : why);
    pre.hidden = copy.hidden = download.hidden = !source;
  });
  return box;
}

/**
 * Copy a text to the clipboard; return whether the browser allowed it.
 * @param {string} text
 * @param {Element} near where a field is put for a moment, if there is no clipboard
 */
async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or a page without https
    const area = h("textarea", { readonly: true, class: "cnn-unseen" });
    area.value = text;
    near.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
