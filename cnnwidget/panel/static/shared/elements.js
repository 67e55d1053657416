// Elements of the page. All text of users goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const INTERACTIVE = new Set(["button", "input", "select", "summary"]);

/**
 * @typedef {string | number | boolean | null | undefined} Attribute
 * @typedef {Record<string, Attribute | ((event: never) => unknown)>} Attributes
 */

/**
 * Make an element with attributes, listeners (`onclick`), and children (strings become text).
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  // The notebook's own shortcuts would eat arrows, space and enter otherwise.
  if (INTERACTIVE.has(tag) || "tabindex" in attributes) {
    made.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  made.append(...children);
  return made;
}

/**
 * Make an element of SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | null>} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return /** @type {SVGElementTagNameMap[Tag]} */ (made);
}

/**
 * The child of an element at an index, which is one that `h` made.
 * @param {Element} parent
 * @param {number} index
 */
export const childAt = (parent, index) => /** @type {HTMLElement} */ (parent.children[index]);

/**
 * Write a text where it changes, so that live regions speak once; return whether it changed.
 * @param {Element} element
 * @param {string | null | undefined} text
 */
export function write(element, text) {
  const next = text ?? "";
  if (element.textContent === next) return false;
  element.textContent = next;
  return true;
}

/**
 * Write a text, or hide the element if there is none.
 * @param {HTMLElement} element
 * @param {string | null | undefined} text
 */
export function writeOrHide(element, text) {
  write(element, text);
  element.hidden = !text;
}

/**
 * Write a name that may break into lines after a dot and before a capital.
 * @param {Element} element
 * @param {string} name
 */
export function writeName(element, name) {
  if (!write(element, name)) return false;
  const parts = name.split(/(?<=\.)|(?<=[a-z])(?=[A-Z])/);
  element.replaceChildren(...parts.flatMap((part, i) => (i ? [h("wbr"), part] : [part])));
  return true;
}

/**
 * Give an element one child for each item. Children that are there stay; then each is filled.
 * @template Item
 * @template {Element} Child
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {() => Child} make
 * @param {(child: Child, item: Item, index: number) => unknown} put
 */
export function fill(parent, items, make, put) {
  while (parent.children.length > items.length) parent.lastElementChild?.remove();
  while (parent.children.length < items.length) parent.append(make());
  items.forEach((item, index) => put(/** @type {Child} */ (parent.children[index]), item, index));
}

/**
 * Give a drop-down list its options.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 */
export function options(select, names) {
  fill(select, names, () => h("option"), (option, name, index) => {
    write(option, name);
    option.value = String(index);
  });
}

/**
 * A control with its label.
 * @param {string} text
 * @param {HTMLElement} control
 * @param {string} className
 */
export const labelled = (text, control, className = "") =>
  h("label", { class: `cnn-field ${className}` }, h("span", {}, text), control);

/**
 * Scroll within a pane only: `scrollIntoView` would move the notebook, too.
 * @param {Element} pane
 * @param {Element} target
 * @param {number} above what covers the pane at its top, in pixels
 * @param {number} below what covers it at its bottom
 */
export function reveal(pane, target, above = 0, below = 0) {
  const outer = pane.getBoundingClientRect();
  const inner = target.getBoundingClientRect();
  const over = inner.top - (outer.top + above);
  const under = inner.bottom - (outer.bottom - below);
  if (over < 0) pane.scrollTop += over - 8;
  else if (under > 0) pane.scrollTop += under + 8;
  if (inner.left < outer.left || inner.right > outer.right) {
    if (inner.width < outer.width) pane.scrollLeft += inner.left - outer.left - 8;
  }
}
