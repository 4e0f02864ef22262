"""The notebooks: kept without outputs, run from top to bottom against a real server, and true to their words."""

from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def shown(cell: nbformat.NotebookNode) -> str:
    """Return what a cell has printed, and its value as text."""
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())
    )


@pytest.fixture(scope="module")
def evidence(server: str) -> dict[str, str]:
    """What each cell of the notebook on evidence shows, by the id of the cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALCIKG_URL", server)
        patch.setenv("PYTHONPATH", str(ROOT / "client"))
        notebook = read(ROOT / "docs" / "notebooks" / "evidence.ipynb")
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return {cell.id: shown(cell) for cell in notebook.cells}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_in_short_cells(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    assert [cell.id for cell in code if len(cell.source.splitlines()) >= 15] == []
    # Each is explained by words before it.
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "code"] * (len(kinds) // 2)


def test_every_cell_shows_something(evidence: dict[str, str]) -> None:
    notebook = read(ROOT / "docs" / "notebooks" / "evidence.ipynb")
    assert [cell.id for cell in notebook.cells if cell.cell_type == "code" and not evidence[cell.id].strip()] == []


def test_the_cells_show_what_the_words_say(evidence: dict[str, str]) -> None:
    assert "treatment/calcinosis-debulking" in evidence["search"]
    assert "2-5% incidence" in evidence["figures"] and "wound infection in 10% of cases" in evidence["figures"]
    assert "19.1" in evidence["intervals"] and "50.2" in evidence["intervals"]
    assert "None of these findings gives a figure" in evidence["compare"]
    assert "How often does infection follow surgery" in evidence["disagreements"]
    assert evidence["pooling"].split()[:3] == ["pooled", "0", "0"], "the first documents have nothing to pool"
    assert "20.6" in evidence["own"]  # as in docs/functions.md
    assert "10.1016/j.jhsa.2021.01.025" in evidence["cite"]
