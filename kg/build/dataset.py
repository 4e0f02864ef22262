"""The asserted dataset of a project: everything that people wrote, as quads, before anything is derived."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Context
from kg.build.ontology import read_imports, read_mappings, read_ontology
from kg.build.records import Place, RecordFile, read_records
from kg.build.verified import Verification, hold
from kg.errors import Violation
from kg.paths import ONTOLOGY, SEEDS
from kg.prefixes import GRAPH, ID


@dataclass(frozen=True)
class Inputs:
    """The folders that a dataset is built from."""

    seeds: Path = SEEDS
    ontology: Path = ONTOLOGY

    @property
    def context(self) -> Context:
        """The JSON-LD context that maps records to RDF."""
        return Context.read(self.ontology / "context.jsonld")

    @property
    def slices(self) -> tuple[str, ...]:
        """The names of the graphs ``external/NAME`` that the imports fill."""
        return (*sorted(path.stem for path in (self.ontology / "imports").glob("*.ttl")), "terms")


@dataclass(frozen=True)
class Dataset:
    """Asserted quads, and for each record the places at which it was written (more than one is an error).

    ``verified`` are the verifications that hold for the findings as they are, ``outdated`` tells of those that no
    longer do: the build leaves them out, and a check names them.
    """

    quads: tuple[ox.Quad, ...]
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    verified: tuple[Verification, ...] = ()
    outdated: tuple[Violation, ...] = ()


def read_dataset(inputs: Inputs) -> Dataset:
    """Read ontology, imports, mappings and records. Raises RecordsError for what cannot be read."""
    context = inputs.context
    files = read_records(inputs.seeds, context)
    quads = [
        *read_ontology(inputs.ontology),
        *read_imports(inputs.ontology),
        *read_mappings(inputs.ontology),
        *(quad for file in files for quad in context.to_quads(file.node, _graph(file))),
    ]
    places: dict[str, tuple[Place, ...]] = {}
    for file in files:
        for record, place in file.places:
            places[ID + record] = (*places.get(ID + record, ()), place)
    verified, outdated = hold(inputs.seeds, files)
    return Dataset(tuple(quads), places, tuple(verified), tuple(outdated))


def _graph(file: RecordFile) -> str:
    """Return the named graph of a file: one for each source document, one for all entities."""
    record = file.node.get("id", "")
    return GRAPH + (record if record.startswith("source/") else "entities")
