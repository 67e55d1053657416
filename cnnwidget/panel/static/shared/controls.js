// Keys, names and limits for the controls beside the stage.

const MOST_BYTES = 7e6; // of an upload: a larger message would cut the connection

const FOLD = ".jupyter-widget-Collapse-header"; // of a group that is folded away

/** @import { Stage } from "./stage.js" */

/**
 * Give the controls beside the stage, which are ipywidgets', what they lack; return whether the
 * stage stands beside some.
 * @param {Stage} stage
 */
export function tendControls(stage) {
  const panel = stage.root.closest(".cnnwidget-panel");
  if (!panel) return false;
  keepKeys(stage, panel);
  commitReadouts(stage, panel);
  limitUploads(stage, panel);
  return true;
}

/**
 * Sliders keep their arrow keys, which Notebook 7 takes for itself; folded groups open by keys.
 * @param {Stage} stage
 * @param {Element} panel
 */
function keepKeys(stage, panel) {
  const mark = () => {
    /** @type {NodeListOf<HTMLElement>} */
    const sliders = panel.querySelectorAll(".noUi-handle, [role=slider], input[type=range]");
    for (const slider of sliders) {
      if (slider.dataset.lmSuppressShortcuts) continue;
      slider.dataset.lmSuppressShortcuts = "true";
      // A handle has no name of its own; its label stands beside it.
      const label = slider.closest(".widget-inline-hbox")?.querySelector(".widget-label");
      if (label) slider.setAttribute("aria-label", label.textContent);
    }
    /** @type {NodeListOf<HTMLElement>} */
    const headers = panel.querySelectorAll(FOLD);
    for (const header of headers) {
      header.tabIndex = 0;
      header.dataset.lmSuppressShortcuts = "true";
      header.setAttribute("role", "button");
      const open = header.parentElement?.classList.contains("jupyter-widget-Collapse-open");
      header.setAttribute("aria-expanded", String(Boolean(open)));
    }
  };
  const watcher = new MutationObserver((changes) => {
    if (changes.some(({ target }) => !stage.root.contains(target))) mark();
  });
  watcher.observe(panel, { childList: true, subtree: true, attributeFilter: ["class"] });
  stage.cleanups.push(() => watcher.disconnect());
  /** @param {KeyboardEvent} event */
  const toggle = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!target.matches(FOLD) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (!event.repeat) target.click();
  };
  stage.listen(panel, "keydown", toggle);
  mark();
}

/**
 * A number typed beside a slider counts when it is left, too. ipywidgets means it to, but waits for
 * a `blur` that bubbles, which those of browsers do not.
 * @param {Stage} stage
 * @param {Element} panel
 */
function commitReadouts(stage, panel) {
  /** @param {FocusEvent} event */
  const commit = ({ target, relatedTarget }) => {
    if (!(target instanceof Element) || !target.matches(".widget-readout")) return;
    target.dispatchEvent(new FocusEvent("blur", { bubbles: true, relatedTarget }));
  };
  stage.listen(panel, "focusout", commit, true);
}

/**
 * Files too large are refused before they are read. The input of an upload is in no document: it
 * is known only while its button clicks it, so that click is listened to, once for each press.
 * @param {Stage} stage
 * @param {Element} panel
 */
function limitUploads(stage, panel) {
  const guarded = new WeakSet();
  /** @param {Event} event */
  function check(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const big = [...input.files ?? []].find(({ size }) => size > MOST_BYTES);
    if (!big) return;
    event.stopImmediatePropagation();
    input.value = "";
    const most = `an upload may have up to ${MOST_BYTES / 1e6} MB`;
    stage.send("say", {
      text: `${big.name} has ${(big.size / 1e6).toFixed(1)} MB; ${most}. ` +
        "Put it beside the notebook and choose it by its path.",
    });
  }
  /** @param {Event} event */
  const guard = (event) => {
    if (!(event.target instanceof Element) || !event.target.closest(".widget-upload")) return;
    const { prototype } = HTMLInputElement;
    const own = Object.getOwnPropertyDescriptor(prototype, "click");
    const restore = () => {
      if (own) Object.defineProperty(prototype, "click", own);
      else Reflect.deleteProperty(prototype, "click");
    };
    prototype.click = function click() {
      restore();
      if (this.type === "file" && !guarded.has(this)) {
        guarded.add(this);
        stage.listen(this, "change", check, true);
      }
      this.click();
    };
    setTimeout(restore);
  };
  stage.listen(panel, "click", guard, true);
}
