"""What `pip install .` installs: everything that the app and the commands need, and the command `digit-lab`."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.servers import Server, free_port, wait_until_healthy

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked() -> list[str]:
    """The files of the repository that the app, the library and the networks are made of."""
    places = ["app.py", "pages", "weights", "mnist_core", ".streamlit"]
    listed = subprocess.run(["git", "ls-files", *places], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.splitlines()
    paths = [path for place in places for path in [ROOT / place, *(ROOT / place).rglob("*")] if path.is_file()]
    return [path.relative_to(ROOT).as_posix() for path in paths if path.suffix != ".pyc"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; the packages that it needs are those of the tests."""
    folder = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    # From a copy: setuptools leaves a folder "build" where it works.
    copy = folder / "source"
    for file in [*tracked(), "pyproject.toml", "README.md", "LICENSE", *(path.name for path in ROOT.glob("req*.txt"))]:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        os.link(ROOT / file, copy / file) if _same_disk(copy) else (copy / file).write_bytes((ROOT / file).read_bytes())
    subprocess.run([*build, str(copy)], check=True, cwd=folder)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)], check=True)
    (packages,) = environment.rglob("site-packages")
    (packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib"))
    return environment


def _same_disk(folder: Path) -> bool:
    return os.stat(ROOT).st_dev == os.stat(folder).st_dev


def command(installed: Path) -> str:
    return str(next(installed.rglob("digit-lab*")))


@pytest.mark.slow
def test_the_wheel_holds_everything(installed: Path) -> None:
    (wheel,) = installed.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {file if file.startswith("mnist_core/") else f"digit_lab/{file}" for file in tracked()}
    there = {name for name in names if ".dist-info/" not in name}
    assert there == expected


@pytest.mark.slow
def test_the_command_works_outside_the_repository(installed: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("--help",), "evaluate"),
        (("recipes",), "relu-100-double-softmax"),
        (("export", "relu-10", "--format", "onnx"), "relu-10.onnx"),
    ):
        result = subprocess.run([command(installed), *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == 0 and words in result.stdout, result
    code = "import mnist_core, pathlib; mnist_core.Recognizer.load(); print(mnist_core.weights.FOLDER)"
    python = str(next(installed.rglob("bin/python")))
    shown = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert Path(shown.strip()).parts[-2:] == ("digit_lab", "weights") and str(installed) in shown


@pytest.mark.slow
def test_the_app_is_served_from_the_package(installed: Path, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [command(installed), "app", "--headless", "--port", str(port)],
            cwd=tmp_path,
            env=os.environ | {"DIGIT_RUNS_DIR": str(tmp_path / "runs")},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_healthy(Server(process, port, log))
        assert "Traceback" not in log.read_text()
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)


def test_every_wing_is_installed() -> None:
    packages = set(PROJECT["tool"]["setuptools"]["packages"]) - {"digit_lab"}
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in (ROOT / "mnist_core").rglob("*.py")
    }
    assert packages == folders


def test_the_extras_are_the_files_of_requirements() -> None:
    dynamic = PROJECT["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements.txt"]
    for name, extra in dynamic["optional-dependencies"].items():
        (file,) = extra["file"]
        assert file == f"requirements-{name}.txt"
        pins = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
        assert pins and all(re.match(r"[\w.-]+==[\w.]+", line) for line in pins)
