"""The panel in a page, as a person uses it."""

from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.lab import Lab

# What the page shows comes over a socket from a process that may be busy with a training.
SOON = 20_000
FIT = 90_000


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
        expect(self.find(".cnn-table tbody tr[data-row]").first).to_be_visible(timeout=SOON)
        expect(self.find(".cnn-diagram svg").first).to_be_visible(timeout=SOON)
        expect(self.find(".cnn-data canvas").first).to_be_visible(timeout=SOON)
        return self

    def control(self, label):
        """The ipywidgets control with this label."""
        return self.find(".cnnwidget-controls .jupyter-widgets").filter(
            has=self.page.locator(f"label:text-is('{label}')")
        )

    def slider(self, label):
        return self.control(label).locator(".noUi-handle")

    def press(self, op):
        self.find(f".cnn-button[data-op={op}]").click()

    @property
    def rows(self):
        return self.find(".cnn-table tbody tr[data-row]")

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
