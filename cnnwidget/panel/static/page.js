// The page as a whole: where its views stand, how wide it is, light or dark.

function networkView(stage) {
  const { box: diagram, zooms } = diagramView(stage);
  const both = h("div", {}, h("div", { class: "cnn-plan" }, diagram, tableView(stage)), factsView(stage));
  const source = sourceView(stage);
  const tabs = makeTabs("Network", [
    { id: "network", name: "Diagram and table", panel: both }, { id: "source", name: "Source", panel: source }]);
  tabs.watch((id) => {
    zooms.hidden = id !== "network";
    for (const resize of stage.resized) resize();
  });
  return h("section", { class: "cnn-network", "aria-label": "Network" }, h("div", { class: "cnn-bar" }, tabs.list, zooms), both, source);
}

function fitView(stage) {
  const frames = framesView(stage);
  const data = dataView(stage);
  const tabs = makeTabs("Frames", [
    { id: "prediction", name: "Prediction", panel: frames.box }, { id: "data", name: "Data", panel: data.box }]);
  tabs.watch((id) => {
    (id === "data" ? frames : data).stop();
    for (const resize of stage.resized) resize();
  });
  const left = h("div", { class: "cnn-left-half" }, ...curvesAndChecks(stage));
  const right = h("div", { class: "cnn-right-half" }, h("div", { class: "cnn-bar" }, tabs.list), frames.box, data.box);
  const box = h("section", { class: "cnn-fit", "aria-label": "Fit" }, statusView(stage), left, right);
  let had = null;
  stage.view("frames", right, ["frames_view"], () => {
    // The first frames of a fit come to the front, once; without any there is the data.
    const has = Boolean(stage.get("frames_view").size);
    if (has !== had) tabs.select(has ? "prediction" : "data");
    had = has;
  });
  return box;
}

/** Light or dark as the page looks, whatever tells it so: JupyterLab, Voila, the system. */
function followTheme(stage) {
  const look = () => {
    const [r, g, b, a = 1] = (getComputedStyle(stage.root).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (a > 0) stage.root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
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
function followSize(stage) {
  const look = followTheme(stage);
  let attached = false;
  const watcher = new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return;
    attached ||= tendControls(stage);
    look();
    const { width } = contentRect;
    stage.root.dataset.width = width < 460 ? "tiny" : width < 750 ? "narrow" : width < 1240 ? "medium" : "wide";
    for (const resize of stage.resized) resize();
  });
  watcher.observe(stage.root);
  stage.undo.push(() => watcher.disconnect());
}

function render({ model, el }) {
  const stage = openStage(model);
  stage.root.append(messagesView(stage), headerView(stage), notesView(stage), networkView(stage), fitView(stage), resultView(stage),
    runsView(stage));
  el.append(stage.root);
  followSize(stage);
  return () => {
    for (const act of stage.undo.reverse()) act();
    stage.root.remove();
  };
}

export default { render };
