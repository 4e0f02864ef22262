"""Checks a dataset: SHACL shapes for single records, query files for what spans several."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.build.check.report import Reporter
from kg.build.check.rules import check_rules
from kg.build.check.shapes import check_shapes
from kg.build.dataset import Dataset, Inputs
from kg.build.ontology import read_shapes
from kg.errors import RecordsError, Violation

__all__ = ["check", "find_violations"]


def find_violations(dataset: Dataset, inferred: Sequence[ox.Quad], inputs: Inputs) -> list[Violation]:
    """Return everything that is wrong with the asserted and the derived quads, in file order."""
    reporter = Reporter(dataset.places, inputs.context)
    quads = [*dataset.quads, *inferred]
    found = [
        *check_shapes(quads, read_shapes(inputs.ontology), reporter),
        *check_rules(quads, _rules(inputs.ontology), reporter),
    ]
    return sorted(set(found))


def check(dataset: Dataset, inferred: Sequence[ox.Quad], inputs: Inputs) -> None:
    """Raise RecordsError with every violation, if there is any."""
    if violations := find_violations(dataset, inferred, inputs):
        raise RecordsError(violations)


def _rules(ontology: Path) -> list[Path]:
    return sorted((ontology / "checks").glob("*.rq"))
