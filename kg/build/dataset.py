"""The asserted dataset: everything that people wrote, as quads, before anything is derived."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Context
from kg.build.ontology import read_context, read_imports, read_mappings, read_ontology
from kg.build.records import Position, RecordFile, read_records, record_paths
from kg.build.verified import Verification, findings, split_current
from kg.errors import RecordsError, Violation
from kg.paths import ONTOLOGY, SEEDS
from kg.prefixes import GRAPH, ID

#: An id in a record, and the same where it is the id of the record itself.
_MENTIONED = re.compile(r'"([a-z-]+/[\w.-]+)"')
_DEFINED = re.compile(r'^id\s*=\s*"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Inputs:
    """The folders that a dataset is built from."""

    seeds: Path = SEEDS
    ontology: Path = ONTOLOGY

    @cached_property
    def context(self) -> Context:
        """The JSON-LD context that maps records to RDF."""
        return read_context(self.ontology)

    @property
    def slices(self) -> tuple[str, ...]:
        """The names of the graphs ``external/NAME`` that the imports fill."""
        return (*sorted(path.stem for path in (self.ontology / "imports").glob("*.ttl")), "terms")


@dataclass(frozen=True)
class Dataset:
    """Asserted quads, and for each record (an IRI) where it stands; more than one position is an error.

    ``verified`` are the verifications that apply to the findings as they are. ``outdated`` names those that no longer
    do: a check reports them, and a build leaves them out.
    """

    quads: tuple[ox.Quad, ...]
    positions: Mapping[str, tuple[Position, ...]] = field(default_factory=dict)
    verified: tuple[Verification, ...] = ()
    outdated: tuple[Violation, ...] = ()


def read_dataset(inputs: Inputs) -> Dataset:
    """Read ontology, imports, mappings and records. Raises RecordsError for what cannot be read."""
    files = read_records(inputs.seeds, inputs.context)
    model = [*read_ontology(inputs.ontology), *read_imports(inputs.ontology), *read_mappings(inputs.ontology)]
    verified, outdated = split_current(inputs.seeds, findings(files))
    return Dataset((*model, *_quads(files, inputs.context)), _positions(files), tuple(verified), tuple(outdated))


def read_neighbourhood(inputs: Inputs, path: Path) -> Dataset:
    """Read one record file together with what it is checked against.

    That is the ontology, the mappings, and each other record file that it refers to or that refers to it. Raises
    RecordsError for what cannot be read.
    """
    (file,) = read_records(inputs.seeds, inputs.context, [path])
    text = path.read_text(encoding="utf-8")
    mentioned, defined = set(_MENTIONED.findall(text)), set(_DEFINED.findall(text))
    near = []
    for other in record_paths(inputs.seeds):
        if other.resolve() != path.resolve():
            text = other.read_text(encoding="utf-8")
            if not (defined.isdisjoint(_MENTIONED.findall(text)) and mentioned.isdisjoint(_DEFINED.findall(text))):
                near.append(other)
    files = [file, *read_records(inputs.seeds, inputs.context, near)]
    own = findings([file])
    _, outdated = split_current(inputs.seeds, own)
    return Dataset(
        (*read_ontology(inputs.ontology), *read_mappings(inputs.ontology), *_quads(files, inputs.context)),
        _positions(files),
        outdated=tuple(violation for violation in outdated if violation.record in own),
    )


def _quads(files: Iterable[RecordFile], context: Context) -> list[ox.Quad]:
    quads = []
    for file in files:
        try:
            quads += context.to_quads(file.node, _graph(file))
        except SyntaxError as error:
            raise RecordsError([Violation(file.name, 0, "", f"not JSON-LD: {error}", "Fix the record")]) from None
    return quads


def _positions(files: Iterable[RecordFile]) -> dict[str, tuple[Position, ...]]:
    positions: dict[str, tuple[Position, ...]] = {}
    for file in files:
        for record, position in file.positions:
            positions[ID + record] = (*positions.get(ID + record, ()), position)
    return positions


def _graph(file: RecordFile) -> str:
    """Return the named graph of a file: one for each source document, one for all entities."""
    record = str(file.node.get("id", ""))
    return GRAPH + (record if record.startswith("source/") else "entities")
