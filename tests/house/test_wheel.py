"""The wheel, built, installed into an empty environment and used there."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import cnnwidget

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    offline = ["--no-index", "--disable-pip-version-check", "--wheel-dir", folder, ROOT]
    subprocess.run([*build, *offline], check=True)
    [built] = folder.glob("*.whl")
    return built


def test_it_holds_the_package_and_nothing_else(wheel):
    files = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = ROOT / "cnnwidget"
    assert files == {
        str(path.relative_to(ROOT))
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "cnnwidget/py.typed" in files


def test_its_metadata_carries_licence_and_readme(wheel):
    archive = zipfile.ZipFile(wheel)
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    text = archive.read(metadata).decode()
    assert "License-Expression: BSD-3-Clause" in text
    assert "# cnnwidget" in text
    assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_it_works_in_an_empty_environment(wheel, tmp_path):
    """Nothing of the checkout is seen there; the dependencies are borrowed, to need no network."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, "--disable-pip-version-check", wheel], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    borrowed = Path(packages.stdout.strip()) / "borrowed.pth"
    # A path file brings modules, but not the path file of the checkout that lies among them.
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    use = (
        "import cnnwidget as cw\n"
        "from pathlib import Path\n"
        "design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1)\n"
        "net = cw.build(design)\n"
        "import torch\n"
        "assert cw.diagram(design)._repr_mimebundle_()['image/svg+xml']\n"
        "assert cw.audit(design).agrees\n"
        "exec(cw.source(design), {'__name__': ''})\n"
        "print(Path(cw.__file__).parent, cw.__version__, *net(torch.zeros(1, 2, 16, 16)).shape)\n"
    )
    done = subprocess.run(
        [python, "-c", use], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    place, version, *shape = done.stdout.split()
    assert Path(place).is_relative_to(tmp_path / "env")
    assert (version, shape) == (cnnwidget.__version__, ["1", "1", "16", "16"])
