// Above the network: messages, its title and totals, and the buttons of a fit.

const PENDING_MS = 10000; // a button that nobody answers comes back
const DOUBLE_MS = 600; // a second press this soon is half of a double click

function messagesView(stage) {
  const box = h("div", { class: "cnn-messages", role: "alert" });
  const list = h("div");
  box.append(list);
  const dismissed = new Set();
  const redraw = stage.view("messages", box, ["messages_view"], () => {
    const messages = (stage.get("messages_view").messages ?? []).filter(({ id }) => !dismissed.has(id));
    const make = () => h("div", { class: "cnn-message" }, h("span"), h("button", {
      type: "button", class: "cnn-small cnn-act", hidden: true,
      onclick: (event) => {
        const id = event.currentTarget.parentElement.message;
        stage.send("smaller batch", { id });
      },
    }), h("button", {
      type: "button", class: "cnn-small cnn-dismiss", "aria-label": "Dismiss this message",
      onclick: (event) => {
        const id = event.currentTarget.parentElement.message;
        dismissed.add(id);
        stage.send("dismiss", { id });
        redraw();
      },
    }, "Dismiss"));
    fill(list, messages, make, (bar, { id, text, act }) => {
      bar.message = id;
      write(bar.firstElementChild, text);
      writeOrHide(bar.children[1], act);
    });
  });
  return box;
}

const RUNNING = new Set(["preparing", "running", "stopping"]);
const DONE = new Set(["stopped", "finished", "diverged"]);
const STARTS = new Set(["fit", "continue", "restart"]);
const UNHEARD = "No answer from the kernel: if it was restarted, run the cell again.";
const WORDS = {
  fit: ["Fit", "Starting…"], stop: ["Stop", "Stopping…"], continue: ["Continue", "Starting…"],
  restart: ["Restart", "Starting…"], save: ["Save run", "Saving…"],
};

/** What is told of a fit, or of what is running in its place. */
const current = (fit) => (fit.aside ? { ...fit, ...fit.aside } : fit);

/** Buttons that say at once that they were pressed, and wait until Python's state moves on. */
function makeActions(stage, redraw) {
  const made = {};
  let pending = null;
  let silent = null; // the views as they were at a press that nobody answered
  let started = -Infinity;
  const views = () => [stage.get("fit_view"), stage.get("messages_view")];
  const same = (before) => views().every((view, i) => view === before[i]);
  const signature = () => {
    const { state, can, saved, blocked } = current(stage.get("fit_view"));
    return JSON.stringify([state, can, saved, blocked, stage.get("messages_view").messages]);
  };
  function press(op) {
    // Stop takes the place of the button that started: a double click there must not end the fit.
    if (op === "stop" && performance.now() - started < DOUBLE_MS) return;
    if (STARTS.has(op)) started = performance.now();
    clearTimeout(pending?.timer);
    silent = null;
    const mine = { op, before: signature(), views: views() };
    mine.timer = setTimeout(() => {
      pending = null;
      if (same(mine.views)) silent = mine.views;
      redraw();
    }, PENDING_MS);
    pending = mine;
    show(op);
    stage.send(op);
    redraw();
  }
  function show(op) {
    const { state, blocked } = current(stage.get("fit_view"));
    // A stop is waited for until it is heard, whatever else happens meanwhile.
    const unheard = pending?.op === "stop" && ["preparing", "running"].includes(state);
    if (pending && !unheard && pending.before !== signature()) {
      clearTimeout(pending.timer);
      pending = null;
    }
    const mine = pending?.op === op || (op === "stop" && state === "stopping");
    const button = (made[op] ??= h("button", {
      type: "button", class: "cnn-button", "data-op": op, onclick: () => press(op),
    }));
    write(button, WORDS[op][mine ? 1 : 0]);
    button.disabled = mine || (pending && op !== "stop") || (op === "fit" && Boolean(blocked));
    return button;
  }
  stage.undo.push(() => clearTimeout(pending?.timer));
  return { show, unheard: () => Boolean(silent && same(silent)) };
}

function headerView(stage) {
  const title = h("h2", { class: "cnn-title" });
  const totals = h("dl", { class: "cnn-totals" });
  const buttons = h("div", { class: "cnn-buttons", role: "group", "aria-label": "Fit" });
  const blocked = h("p", { class: "cnn-blocked", "aria-live": "polite" });
  const box = h("header", { class: "cnn-header" },
    h("div", { class: "cnn-heading" }, title, totals), h("div", { class: "cnn-actions" }, buttons, blocked));
  const make = () => h("div", { class: "cnn-total" }, h("dt"), h("dd"));

  stage.view("title", box, ["plan_view"], () => {
    const plan = stage.get("plan_view");
    write(title, plan.title ?? "");
    title.title = plan.title ?? "";
    fill(totals, plan.totals ?? [], make, (figure, { label, value, hint }) => {
      figure.dataset.label = label;
      figure.title = hint ?? "";
      write(figure.firstElementChild, label);
      write(figure.lastElementChild, value);
    });
  });

  let redraw = () => {};
  const { show, unheard } = makeActions(stage, () => redraw());
  redraw = stage.view("buttons", box, ["fit_view", "messages_view"], () => {
    const { state, can = ["fit"], blocked: why } = current(stage.get("fit_view"));
    const ops = (state === "stopping" && !can.length ? ["stop"] : can).filter((op) => op in WORDS && op !== "save");
    if (DONE.has(state)) ops.unshift("save");
    const wanted = ops.map(show);
    if (wanted.length !== buttons.children.length || wanted.some((b, i) => b !== buttons.children[i])) {
      const focused = buttons.contains(document.activeElement);
      buttons.replaceChildren(...wanted);
      if (focused) wanted[0]?.focus({ preventScroll: true });
    }
    write(blocked, unheard() ? UNHEARD : ops.includes("fit") ? why : "");
  });
  return box;
}
