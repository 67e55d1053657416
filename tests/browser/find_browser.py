"""Find or install a Chromium that starts: python tests/browser/find_browser.py FILE

The path is written to FILE and tried first the next time. Else, in this order: a Chromium or
Chrome that is installed, Playwright's own download, the package `chromium` as root on Debian or
Ubuntu. If none of them starts, the command to run is printed and the exit status is 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]
PACKAGE = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
LONGEST_DOWNLOAD = 600


def starts(path):
    """Whether the browser at this path opens a page: an installed one may lack a library."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            page = browser.new_page()
            page.goto("data:text/html,<title>here</title>")
            found = page.title() == "here"
            browser.close()
            return found
    except Error as error:
        print(f"{path} does not start: {str(error).splitlines()[0]}", file=sys.stderr)
        return False


# Without a sandbox it starts as root; the rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


def installed():
    """Yield the paths of Chromium or Chrome where they usually are."""
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    yield from (place for place in PLACES if Path(place).exists())


def downloaded():
    """Yield the path of Playwright's own Chromium, downloaded unless it is there."""
    from playwright.sync_api import sync_playwright

    print("looking for Playwright's own Chromium ...", file=sys.stderr)
    try:
        subprocess.run(PLAYWRIGHT, check=True, timeout=LONGEST_DOWNLOAD, capture_output=True)
    except subprocess.SubprocessError:
        print("Playwright could not download it.", file=sys.stderr)
        return
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def packaged():
    """Yield the path of the package `chromium`, installed with apt as root."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    print("installing the package chromium ...", file=sys.stderr)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
        subprocess.run(PACKAGE, check=True, env=quiet, stdout=subprocess.DEVNULL)
    except subprocess.SubprocessError:
        return
    if path := shutil.which("chromium"):
        yield path


def install_command():
    """Return the command that installs a browser on this system."""
    if shutil.which("apt-get"):
        return f"sudo apt-get update && sudo {' '.join(PACKAGE)}"
    return f"{' '.join(PLAYWRIGHT)} --with-deps"


def find():
    """Return the path of a browser that starts, or None."""
    for ways in (installed, downloaded, packaged):
        for path in ways():
            if starts(path):
                return path
    return None


def main(file):
    """Write the path of a browser to a file; return the exit status."""
    remembered = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    if remembered and starts(remembered):
        return 0
    found = find()
    if found is None:
        print("The browser tests need a Chromium or Chrome. Run")
        print(f"\n    {install_command()}\n\nand try again.")
        return 1
    file.write_text(found + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
