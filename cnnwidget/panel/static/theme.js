// Light or dark, and how wide the page is.

import { tendControls } from "./shared/controls.js";

/** Light or dark as the page looks, whatever tells it so: JupyterLab, Voila, the system. */
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
  stage.undo.push(() => watcher.disconnect());
  stage.listen(matchMedia("(prefers-color-scheme: dark)"), "change", look);
  return look;
}

/** What depends on the width or needs to be in the page: the first call comes with the first layout. */
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
  stage.undo.push(() => watcher.disconnect());
}
