"""The panel in a page, as a person uses it."""

import re
from dataclasses import dataclass

from playwright.sync_api import expect

import cnnwidget as cw
from tests.browser.lab import Lab

# What the page shows comes from a process that may be loading PyTorch or training.
SOON = 30_000
FIT = 120_000


@dataclass
class Panel:
    """The first panel in a notebook."""

    lab: Lab

    @property
    def page(self):
        return self.lab.page

    def find(self, selector):
        return self.page.locator(f".cnnwidget-panel {selector}")

    def ready(self):
        """Until the first plan, its diagram and the data are drawn."""
        expect(self.rows.first).to_be_visible(timeout=SOON)
        expect(self.find(".cnn-diagram svg").first).to_be_visible(timeout=SOON)
        expect(self.find(".cnn-data canvas").first).to_be_visible(timeout=SOON)
        expect(self.find(".cnn-button[data-op=fit]")).to_be_enabled(timeout=SOON)
        return self

    def control(self, label):
        """The ipywidgets control with this label."""
        return self.find(".cnnwidget-controls .widget-inline-hbox:visible").filter(
            has=self.page.locator(f"label:text-is('{label}')")
        )

    def fact(self, name):
        """What is said of the layer that is pointed at."""
        return self.find(f".cnn-fact[data-fact={name}] dd")

    def slider(self, label):
        return self.control(label).locator(".noUi-handle")

    def type(self, label, text):
        """Type into a control and leave it, as a person does."""
        box = self.control(label).locator("input")
        box.fill(text)
        box.press("Tab")

    def choose(self, label, option):
        self.control(label).locator("select").select_option(option)

    def train_for(self, amount, unit="seconds"):
        """Type the budget, whose unit stands beside it without a label."""
        self.type("train for", str(amount))
        self.find(".cnnwidget-budget select").first.select_option(unit)

    def press(self, op):
        self.find(f".cnn-button[data-op={op}]").click()

    def button(self, op):
        return self.find(f".cnn-button[data-op={op}]")

    def has_state(self, *buttons):
        """Until exactly these buttons are there, `save` aside."""
        for op in ("fit", "stop", "continue", "restart"):
            expect(self.button(op)).to_have_count(int(op in buttons), timeout=FIT)

    def passes_epoch(self, number, of=None):
        """Until the line tells of a later epoch, which may be neither the next nor the last."""
        self.page.wait_for_function(
            """([number, last]) => {
                const line = document.querySelector(".cnnwidget-panel .cnn-line").textContent;
                const epoch = Number(/epoch (\\d+)/.exec(line)?.[1]);
                return epoch > number && epoch !== last;
            }""",
            arg=[number, of],
            timeout=FIT,
        )

    @property
    def rows(self):
        return self.find(".cnn-table tbody tr[data-row]")

    def shows(self, plan):
        """The table has the rows of a plan, and the diagram its boxes."""
        expect(self.rows).to_have_count(len(plan.rows), timeout=SOON)
        # What is kept aside has a row, but is an arrow in the diagram.
        boxes = re.findall(r"^\s*row\d+ \[", cw.diagram(plan).source, re.MULTILINE)
        expect(self.find(".cnn-diagram svg g.node[data-row^=row]")).to_have_count(
            len(boxes), timeout=SOON
        )
        expect(self.find(".cnn-total[data-label=parameters] dd")).to_have_text(f"{plan.params:,}")

    def colours(self, selector):
        """How many colours a canvas has."""
        return self.find(selector).first.evaluate(
            """canvas => {
                const { data } = canvas.getContext("2d").getImageData(
                    0, 0, canvas.width, canvas.height);
                return new Set(new Uint32Array(data.buffer)).size;
            }"""
        )

    def python(self, code):
        """Run code in the notebook's kernel and return what it prints, as text."""
        return self.page.evaluate(
            """async code => {
                const session = window.jupyterapp.shell.currentWidget.sessionContext;
                const kernel = session.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                const told = [];
                future.onIOPub = message => {
                    const content = message.content;
                    if (message.header.msg_type === "stream") told.push(content.text);
                    if (message.header.msg_type === "error") {
                        told.push(`${content.ename}: ${content.evalue}`);
                    }
                };
                await future.done;
                return told.join("").trim();
            }""",
            code,
        )

    def start(self, code):
        """Run code in the kernel without waiting for its end, which the page notes."""
        self.page.evaluate(
            """code => {
                const session = window.jupyterapp.shell.currentWidget.sessionContext;
                const kernel = session.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                window.started = "running";
                future.done.finally(() => { window.started = "over"; });
            }""",
            code,
        )

    def interrupt(self):
        """End what runs in the kernel."""
        self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.sessionContext
                .session.kernel.interrupt()"""
        )

    def upload(self, path):
        """Press the button and choose a file."""
        with self.page.expect_file_chooser() as chooser:
            self.find(".widget-upload").click()
        chooser.value.set_files(path)

    @property
    def design(self):
        """The design in the kernel, as the text that makes it."""
        return self.python("print(repr(designer.design))")

    def shoot(self, name):
        """The panel alone, all of it."""
        path = self.lab.shots.with_name(f"{self.lab.shots.name}-{name}.png")
        self.page.locator(".cnnwidget-panel").first.screenshot(path=path)
        return path
