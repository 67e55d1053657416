// Tabs.

import { h } from "./elements.js";
import { clamp } from "./numbers.js";

/**
 * Tabs with the keys that readers of such pages know: arrows, home, end.
 * @template {string} Id
 * @param {string} label
 * @param {{ id: Id, name: string, panel: HTMLElement }[]} pages
 */
export function makeTabs(label, pages) {
  const list = h("div", { class: "cnn-tabs", role: "tablist", "aria-label": label });
  /** @type {((id: Id) => void)[]} */
  const watchers = [];
  let current = pages[0].id;
  const buttons = pages.map(({ id, name, panel }) => {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-label", name);
    const button = h("button", {
      type: "button",
      class: "cnn-tab",
      role: "tab",
      "data-tab": id,
      onclick: () => select(id),
    }, name);
    list.append(button);
    return button;
  });
  /** @param {Id} id */
  function select(id) {
    current = id;
    pages.forEach((page, index) => {
      const chosen = page.id === id;
      page.panel.hidden = !chosen;
      buttons[index].setAttribute("aria-selected", String(chosen));
      buttons[index].tabIndex = chosen ? 0 : -1;
    });
    for (const watch of watchers) watch(id);
  }
  list.addEventListener("keydown", (event) => {
    const there = pages.filter((_, index) => !buttons[index].hidden);
    const at = there.findIndex((page) => page.id === current);
    const last = there.length - 1;
    /** @type {Record<string, number | undefined>} */
    const keys = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    const to = keys[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const { id } = there[clamp(to, 0, last)];
    select(id);
    button(id).focus();
  });
  /** @param {Id} id */
  const button = (id) => buttons[pages.findIndex((page) => page.id === id)];
  select(current);
  return {
    list,
    select,
    button,
    /** @param {(id: Id) => void} act */
    watch: (act) => watchers.push(act),
  };
}
