"""Tells whether a snapshot is up to date. It imports little, as each start of the service asks it."""

import json
from pathlib import Path

from kg import __version__
from kg.build.dataset import Inputs
from kg.load.graphs import LoadedGraphs
from kg.snapshot import MANIFEST, sha256


def is_current(data: Path, inputs: Inputs | None = None) -> bool:
    """Tell whether the current snapshot of the data folder was built from these inputs."""
    try:
        manifest = json.loads((data / "current" / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(manifest.get("inputs") == digests(inputs or Inputs(), data) and manifest.get("calcikg") == __version__)


def digests(inputs: Inputs, data: Path) -> dict[str, str]:
    """Return the SHA-256 of everything that a snapshot is made from, including the code."""
    folders = {"ontology": inputs.ontology, "seeds": inputs.seeds, "kg": Path(__file__).parents[1]}
    own = {
        f"{name}/{path.relative_to(folder).as_posix()}": sha256(path)
        for name, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in (".pyc", ".md")
    }
    return own | {f"loaded/{path.name}": sha256(path) for path in LoadedGraphs(data).paths()}
