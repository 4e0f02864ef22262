"""What the dataset says of itself, the graph ``metadata``: VoID, DCAT 3, HCLS dataset description and PROV.

What is written stands in ``ontology/description``; the modules here add what is counted, measured and hashed.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.build.describe.distribution import describe_file
from kg.build.describe.functions import describe_functions
from kg.build.describe.linksets import describe_linksets
from kg.build.describe.provenance import describe_build
from kg.build.describe.questions import describe_questions
from kg.build.describe.statements import read_statements
from kg.build.describe.statistics import describe_statistics
from kg.build.describe.verifications import describe_verifications
from kg.build.describe.version import describe_version

__all__ = ["describe", "describe_verifications"]


def describe(
    folder: Path,
    quads: Sequence[ox.Quad],
    loaded: Iterable[ox.Quad],
    counts: Mapping[str, Any],
    dump: Path,
    inputs: Mapping[str, str],
) -> list[ox.Quad]:
    """Describe a dataset that was just built.

    ``folder`` holds what is written of it, ``loaded`` are quads of others beside its own, ``dump`` is its file,
    ``inputs`` are the SHA-256 digests of the files that it was made from, by their paths. Raises RecordsError for a
    description that is not Turtle.
    """
    return [
        *read_statements(folder),
        *describe_version(quads),
        *describe_file(dump),
        *describe_statistics(chain(quads, loaded), counts),
        *describe_linksets(quads),
        *describe_build(inputs),
        *describe_functions(),
        *describe_questions(),
    ]
