"""The wheel, installed in an empty environment and used from another folder: it works without a checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from conftest import ROOT, copy_small_inputs, free_port, shared, wait_for

from kg.build.dataset import Inputs

UV = str(Path(sys.executable).with_name("uv"))
FOLDERS = {"kg": "kg", "api": "api", "ontology": "kg/ontology", "seeds": "kg/seeds"}


def build_wheel(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = (UV, "build", "--no-build-isolation", "--python", sys.executable, "--out-dir", out, source)
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made from the source distribution, which is made from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    done = build_wheel(ROOT, out)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


class Installed:
    """An environment with a wheel and what it needs, and a folder to work in, whose modules are somebody else's."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder, self._bin = folder / "work", folder / "env" / "bin"
        self.environment = {"HOME": str(folder / "home"), "PATH": os.defpath, "KG_RATE": "0"}
        if self.folder.exists():  # as another process left it
            return
        (folder / "home").mkdir()
        self.folder.mkdir()
        for name in ("api", "kg", "queue"):
            (self.folder / f"{name}.py").write_text("raise SystemExit('of somebody else')", encoding="utf-8")
        self._uv("venv", "--python", sys.executable, folder / "env")
        self._uv("pip", "install", "--python", self._bin / "python", "--constraint", ROOT / "requirements.lock", wheel)

    def command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._bin / program), *arguments]

    def run(self, program: str, *arguments: str, stdin: str = "") -> str:
        command = self.command(program, *arguments)
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=stdin, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def replace_records(self, inputs: Inputs) -> None:
        """Put other records and mappings in the place of those of the package: a build of all takes minutes."""
        package = Path(self.run("python", "-P", "-c", "import kg; print(kg.__path__[0])").strip())
        for part, ours in (("seeds", inputs.seeds), ("ontology/mappings", inputs.ontology / "mappings")):
            shutil.rmtree(package / part)
            shutil.copytree(ours, package / part)

    def packages(self) -> set[str]:
        listed = self._uv("pip", "list", "--python", self._bin / "python", "--format", "json")
        return {package["name"] for package in json.loads(listed)}

    def _uv(self, *arguments: str | Path) -> str:
        command = [UV, "--no-progress", *map(str, arguments)]
        return subprocess.run(command, timeout=300, stdout=subprocess.PIPE, text=True, check=True).stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    """The installed wheel, with a small dataset built where a user has the dataset; all processes share one."""
    with shared(tmp_path_factory, "installed") as folder:
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True)
        installed = Installed(folder, wheel)
        if is_new:
            installed.replace_records(copy_small_inputs(tmp_path_factory.mktemp("records")))
            installed.run("kg", "build")
    return installed


@pytest.fixture(scope="module")
def address(installed: Installed) -> Iterator[str]:
    port = free_port()
    command = installed.command("kg", "serve", "--port", port)
    process = subprocess.Popen(command, cwd=installed.folder, env=installed.environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def fetch(url: str, accept: str = "*/*") -> str:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def test_the_wheel_holds_every_file(wheel: Path) -> None:
    held = {name for name in ZipFile(wheel).namelist() if not name.startswith("calcikg-")}
    expected = {
        f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, inside in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == expected


def test_a_wheel_without_the_scripts_of_the_pages_is_refused(tmp_path: Path) -> None:
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "kg/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    done = build_wheel(tmp_path, tmp_path / "dist")
    assert done.returncode != 0 and "run `make wheel`" in done.stderr
    assert not list(tmp_path.glob("dist/*.whl"))


def test_nothing_of_the_checkout_can_be_imported(installed: Installed) -> None:
    search = json.loads(installed.run("python", "-P", "-c", "import json, sys; print(json.dumps(sys.path))"))
    assert [path for path in search if Path(path).is_relative_to(ROOT)] == []
    assert {path.name for path in installed.folder.iterdir() if path.suffix != ".py"} == {"build"}


def test_records_of_the_package_are_checked(installed: Installed) -> None:
    seeds = Path(installed.run("python", "-P", "-c", "from kg.paths import SEEDS; print(SEEDS)").strip())
    assert seeds.is_relative_to(installed.folder.parent / "env")
    installed.run("kg", "check", str(seeds / "series.toml"))


def test_the_dataset_is_queried_and_exported(installed: Installed) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?finding a <https://w3id.org/calcikg/ontology/Finding> }"
    assert int(installed.run("kg", "query", "--format", "csv", stdin=query).split()[1]) == 3
    assert installed.run("kg", "export", "csv").startswith("id,")


def test_the_service_answers_with_pages_and_scripts(address: str) -> None:
    page = fetch(f"{address}/page/treatment/excision", "text/html")
    assert "excision" in page and "/static/bundle/site.js" in page
    assert len(fetch(f"{address}/static/bundle/site.js")) > 1000
    query = urlencode({"query": "ASK { ?s ?p ?o }"})
    assert json.loads(fetch(f"{address}/sparql?{query}", "application/sparql-results+json"))["boolean"] is True


def test_the_client_is_installed_alone_and_light(address: str, tmp_path: Path) -> None:
    done = build_wheel(ROOT / "client", tmp_path / "dist")
    assert done.returncode == 0, done.stderr
    client = Installed(tmp_path, next(tmp_path.glob("dist/*.whl")))
    packages = client.packages()
    assert packages.isdisjoint({"calcikg", "flask", "networkx", "pydantic", "pyoxigraph"}) and len(packages) < 12
    program = f"from calcikg_client import Client; print(len(Client({address!r}).findings(kind='complication')))"
    assert int(client.run("python", "-P", "-c", program)) == 2


def test_what_is_installed_has_a_lower_and_an_upper_bound() -> None:
    configuration = ConfigParser(interpolation=None)
    configuration.read(ROOT / "setup.cfg", encoding="utf-8")
    required = configuration["options"]["install_requires"].split("\n")[1:]
    required += tomllib.loads((ROOT / "client/pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [line for line in required if not re.fullmatch(r"[\w.-]+>=[\d.]+,<[\d.]+", line)] == []
