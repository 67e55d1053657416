// Light or dark, and how wide the page is.

import { tendControls } from "./shared/controls.js";

/** @import { Stage } from "./shared/stage.js" */

/**
 * Follow the background of the page, which JupyterLab, Voila or the system makes light or dark.
 * @param {Stage} stage
 */
function followTheme(stage) {
  const look = () => {
    const [r, g, b, a = 1] = (getComputedStyle(stage.root).backgroundColor.match(/[\d.]+/g) ?? [])
      .map(Number);
    if (a > 0) {
      stage.root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
    }
  };
  const watcher = new MutationObserver(look);
  for (const element of [document.body, document.documentElement]) {
    watcher.observe(element, { attributes: true });
  }
  stage.cleanups.push(() => watcher.disconnect());
  stage.listen(matchMedia("(prefers-color-scheme: dark)"), "change", look);
  return look;
}

/**
 * Follow the width of the page. The first call comes with the first layout: only then is the stage
 * in the page, beside its controls.
 * @param {Stage} stage
 */
export function followSize(stage) {
  const look = followTheme(stage);
  let attached = false;
  const watcher = new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return;
    attached ||= tendControls(stage);
    look();
    const { width } = contentRect;
    stage.root.dataset.width = width < 460
      ? "tiny"
      : width < 750
      ? "narrow"
      : width < 1240
      ? "medium"
      : "wide";
    for (const resize of stage.resized) resize();
  });
  watcher.observe(stage.root);
  stage.cleanups.push(() => watcher.disconnect());
}
