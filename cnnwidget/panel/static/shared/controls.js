// Keys, names and limits for the controls beside the stage.

const MOST_BYTES = 7e6; // of an upload: a larger message would cut the connection

const FOLD = ".jupyter-widget-Collapse-header"; // of a group that is folded away

/** The controls beside the stage are ipywidgets': here they get what they lack. */
export function tendControls(stage) {
  const panel = stage.root.closest(".cnnwidget-panel");
  if (!panel) return false;
  keepKeys(stage, panel);
  commitReadouts(stage, panel);
  limitUploads(stage, panel);
  return true;
}

/** Sliders keep their arrow keys, which Notebook 7 takes for itself; folded groups open by keys. */
function keepKeys(stage, panel) {
  const mark = () => {
    for (const slider of panel.querySelectorAll(".noUi-handle, [role=slider], input[type=range]")) {
      if (slider.dataset.lmSuppressShortcuts) continue;
      slider.dataset.lmSuppressShortcuts = "true";
      // A handle has no name of its own; its label stands beside it.
      const label = slider.closest(".widget-inline-hbox")?.querySelector(".widget-label");
      if (label) slider.setAttribute("aria-label", label.textContent);
    }
    for (const header of panel.querySelectorAll(FOLD)) {
      header.tabIndex = 0;
      header.dataset.lmSuppressShortcuts = "true";
      header.setAttribute("role", "button");
      header.setAttribute(
        "aria-expanded",
        header.parentElement.classList.contains("jupyter-widget-Collapse-open"),
      );
    }
  };
  const watcher = new MutationObserver((changes) => {
    if (changes.some(({ target }) => !stage.root.contains(target))) mark();
  });
  watcher.observe(panel, { childList: true, subtree: true, attributeFilter: ["class"] });
  stage.undo.push(() => watcher.disconnect());
  stage.listen(panel, "keydown", (event) => {
    if (!event.target.matches(FOLD) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (!event.repeat) event.target.click();
  });
  mark();
}

/** A number typed beside a slider counts when it is left, too. ipywidgets means it to, but waits for
    a `blur` that bubbles, which those of browsers do not. */
function commitReadouts(stage, panel) {
  stage.listen(panel, "focusout", ({ target, relatedTarget }) => {
    if (!target.matches(".widget-readout")) return;
    target.dispatchEvent(new FocusEvent("blur", { bubbles: true, relatedTarget }));
  }, true);
}

/** Files too large are refused before they are read. The input of an upload is in no document: it
    is known only while its button clicks it, so that click is listened to, once for each press. */
function limitUploads(stage, panel) {
  const guarded = new WeakSet();
  function check(event) {
    const big = [...event.target.files].find(({ size }) => size > MOST_BYTES);
    if (!big) return;
    event.stopImmediatePropagation();
    event.target.value = "";
    const most = `an upload may have up to ${MOST_BYTES / 1e6} MB`;
    stage.send("say", {
      text: `${big.name} has ${(big.size / 1e6).toFixed(1)} MB; ${most}. ` +
        "Put it beside the notebook and choose it by its path.",
    });
  }
  stage.listen(panel, "click", (event) => {
    if (!event.target.closest(".widget-upload")) return;
    const { prototype } = HTMLInputElement;
    const own = Object.getOwnPropertyDescriptor(prototype, "click");
    const restore =
      () => (own ? Object.defineProperty(prototype, "click", own) : delete prototype.click);
    prototype.click = function click() {
      restore();
      if (this.type === "file" && !guarded.has(this)) {
        guarded.add(this);
        stage.listen(this, "change", check, true);
      }
      this.click();
    };
    setTimeout(restore);
  }, true);
}
