// Elements, numbers as text, and what else every view takes. All text of users goes in as text, never
// as markup.

const SVG = "http://www.w3.org/2000/svg";

const INTERACTIVE = new Set(["button", "input", "select", "summary"]);

/** An element with attributes, listeners (`onclick`), and children (strings become text). */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  // The notebook's own shortcuts would eat arrows, space and enter otherwise.
  if (INTERACTIVE.has(tag) || "tabindex" in attributes) {
    made.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  made.append(...children);
  return made;
}

export function s(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Text is written only where it changes, so that live regions speak once. */
export function write(element, text) {
  const wanted = text ?? "";
  if (element.textContent === wanted) return false;
  element.textContent = wanted;
  return true;
}

export function writeOrHide(element, text) {
  write(element, text);
  element.hidden = !text;
}

/** A name that may go on in the next line at its joints: after a dot, before a capital. */
export function writeName(element, name) {
  if (!write(element, name)) return false;
  const parts = name.split(/(?<=\.)|(?<=[a-z])(?=[A-Z])/);
  element.replaceChildren(...parts.flatMap((part, i) => (i ? [h("wbr"), part] : [part])));
  return true;
}

/** As many children as items, those there are reused; then each is filled. */
export function fill(parent, items, make, put) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(make());
  items.forEach((item, index) => put(parent.children[index], item, index));
}

export function options(select, names) {
  fill(select, names, () => h("option"), (option, name, index) => {
    write(option, name);
    option.value = index;
  });
}

/** Bytes come as DataView; before the first they are null or empty. */
export function bytesOf(value) {
  if (!value) return new Uint8Array();
  if (value.buffer) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
}

/** Scrolls within a pane only: `scrollIntoView` would move the notebook, too. */
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

export const labelled = (text, control, more = "") =>
  h("label", { class: `cnn-field ${more}` }, h("span", {}, text), control);
