"""One JupyterLab server and one browser for all browser tests."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import find_browser
from tests.browser.lab import Lab
from tests.browser.panel import Panel

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
QUICKSTART = "01_quickstart.ipynb"

# Toasts would cover the page, and off-screen cells must really be in it.
SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A JupyterLab with settings of its own, serving a copy of the notebooks."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = home / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name, content in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    log = home / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=os.environ | {name: str(place) for name, place in places.items()},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)  # it then shuts its kernels down
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url, process, log):
    """Until the server answers; its log if it does not."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def browser():
    remembered = Path(sys.prefix) / "browser"
    assert find_browser.main(remembered) == 0, "no browser: see what is printed above"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=remembered.read_text(encoding="utf-8").strip(),
            args=find_browser.ARGUMENTS,
        )
        yield browser
        browser.close()


@contextmanager
def a_page(server, browser):
    """JupyterLab in a page of its own; it fails if the page asks for anything from outside."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, color_scheme="light")
    page.set_default_timeout(30_000)
    outside = []
    page.on("request", lambda r: None if is_local(r.url, server) else outside.append(r.url))
    SHOTS.mkdir(parents=True, exist_ok=True)
    yield Lab(page, server, SHOTS / "page")
    page.close()
    assert outside == []


@pytest.fixture
def lab(server, browser, request):
    """JupyterLab in a page that no other test sees."""
    with a_page(server, browser) as lab:
        lab.shots = SHOTS / request.node.name
        yield lab


def is_local(url, server):
    return url.startswith((server, server.replace("http", "ws"), "data:", "blob:"))


@pytest.fixture(scope="module")
def shared_lab(server, browser):
    """The quickstart, open in a page for all tests of a file: loading one takes five seconds."""
    with a_page(server, browser) as lab:
        lab.open(QUICKSTART)
        lab.command("application:toggle-left-area")
        yield lab


@pytest.fixture
def quickstart(shared_lab, request):
    """The quickstart in a large window before its cells are run; a panel in it ends with a test."""
    shared_lab.shots = SHOTS / request.node.name
    shared_lab.page.set_viewport_size({"width": 1440, "height": 1400})
    shared_lab.page.emulate_media(reduced_motion="no-preference")
    yield shared_lab
    panel = Panel(shared_lab)
    panel.interrupt()
    panel.python("designer.close()")


@pytest.fixture
def panel(quickstart):
    """The quickstart, run from top to bottom."""
    quickstart.run_all()
    return Panel(quickstart).ready()
