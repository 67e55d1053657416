// The runs of the notebook: their curves over each other, and a table that sorts. What can be done
// with a run is done in Python, what is only looked at here.

const RUN_COLOURS = 6; // which can be told apart in both themes and without seeing red, green or blue
const RUN_DASHES = ["none", "7 4", "2 4", "10 3 2 3"];
const RUN_COLUMNS = [
  ["name", "run"], ["params", "parameters"], ["macs", "MACs"], ["seconds", "seconds"],
  ["epochs", "epochs"], ["error", "error"], ["skill", "skill"], ["ending", "ending"],
];
const RUN_HINTS = {
  error: "mean absolute error on the test windows, in the data's units",
  skill: "how much less the error is than that of the best baseline",
  macs: "multiply-accumulates of one sample",
};
const MORE_IS_BETTER = new Set(["skill"]);
const MOST_LABELS = 8; // more names than this beside the curves nobody can follow
const LONGEST_LABEL = 20;
const LONGEST_RUN_NAME = 80;

/** The look of a run's curve follows from its number, so that it stays whatever else comes and goes. */
function strokeOf(number) {
  const at = number - 1;
  return {
    colour: `var(--cnn-run-${at % RUN_COLOURS})`,
    dashes: RUN_DASHES[Math.floor(at / RUN_COLOURS) % RUN_DASHES.length],
  };
}

function stroke(element, number) {
  const { colour, dashes } = strokeOf(number);
  element.style.stroke = colour;
  element.style.strokeDasharray = dashes;
}

const briefly = (name) => (name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name);

/** What the table and the curves share: which curves are hidden, which run is pointed at. */
function makeRunLink() {
  const watchers = [];
  const hidden = new Set();
  let hot = null;
  return {
    watch: (act) => watchers.push(act),
    hides: (number) => hidden.has(number),
    hot: () => hot,
    toggle(number) {
      if (!hidden.delete(number)) hidden.add(number);
      for (const watch of watchers) watch("hidden");
    },
    point(number) {
      if (hot === number) return;
      hot = number;
      for (const watch of watchers) watch("hot");
    },
  };
}

function runsView(stage) {
  const link = makeRunLink();
  const count = h("span", { class: "cnn-soft" });
  const said = h("p", { class: "cnn-runs-said", role: "status" });
  const note = h("p", { class: "cnn-runs-note" });
  const save = h("button", { type: "button", class: "cnn-small cnn-export", onclick: () => stage.send("export runs"),
    title: "Write the table into a new file beside the notebook" }, "Export CSV");
  const { box: curves, axes } = runCurvesView(stage, link);
  const box = h("section", { class: "cnn-runs", "aria-label": "Runs", hidden: true },
    h("div", { class: "cnn-bar" }, h("h2", { class: "cnn-runs-title" }, "Runs ", count), said,
      h("div", { class: "cnn-runs-tools" }, axes, save)),
    h("div", { class: "cnn-runs-both" }, curves, runTableView(stage, link)), note);
  stage.view("runs", box, ["runs_view"], () => {
    const { runs = [], note: told, said: words } = stage.get("runs_view");
    box.hidden = !runs.length;
    write(count, String(runs.filter(({ deleted }) => !deleted).length));
    write(said, words);
    said.title = words ?? "";
    writeOrHide(note, told);
    for (const resize of stage.resized) resize();
  });
  return box;
}
