"""The selected quads of a snapshot, as the lines in which it keeps them: sorted, a quad each (RDF 1.1 N-Quads)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kg.engine.rows import Row
from kg.export.extract import Extract
from kg.prefixes import GRAPH, expand
from kg.queries import read_query

_CHUNK = 2**18  # bytes
_BATCH = 200  # findings or entities that one query asks for
_DERIVED = tuple(f"<{GRAPH}{name}> .\n".encode() for name in ("inferred", "synthesis"))
_TYPE, _LABEL = (f"<{expand(name)}>".encode() for name in ("rdf:type", "rdfs:label"))


def read_lines(extract: Extract) -> Iterator[bytes]:
    """Yield the lines of an extract: all; those of some graphs; or those on the selected findings and entities."""
    graphs = tuple(f"<{iri}> .\n".encode() for iri in sorted(extract.selection.iris("graph")))
    chosen = Chosen(extract) if _narrowed(extract) else None
    for path in extract.snapshot.quads:
        with path.open("rb") as file:
            for line in file:
                if (not graphs or line.endswith(graphs)) and (chosen is None or line in chosen):
                    yield line


def read_chunks(extract: Extract) -> Iterator[bytes]:
    """Yield the same lines, many at once."""
    held: list[bytes] = []
    size = 0
    for line in read_lines(extract):
        held.append(line)
        size += len(line)
        if size > _CHUNK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


class Chosen:
    """Tells which lines belong to the selected findings and entities.

    Of findings, their parts and the edges that they support everything is taken; of entities and sources what was
    asserted, and their types; of what these name beside, names and types. A bare relation stands only with a finding
    that supports it.
    """

    def __init__(self, extract: Extract) -> None:
        """Read what belongs to an extract."""
        roles: defaultdict[str, set[bytes]] = defaultdict(set)
        roles["whole"] = {_subject(iri) for iri in extract.findings}
        roles["asserted"] = {_subject(iri) for iri in extract.entities}
        self._relations: set[bytes] = set()
        for row in (*_ask(extract, "finding", extract.findings), *_ask(extract, "entity", extract.entities)):
            if row["role"] == "relation":
                self._relations.add(" ".join(f"<{row[key]}>" for key in ("part", "predicate", "object")).encode())
            else:
                roles[row["role"]].add(_subject(row["part"]))
        self._roles = roles

    def __contains__(self, line: bytes) -> bool:
        """Tell whether a line is taken."""
        subject, predicate, _ = line.split(b" ", 2)
        if subject in self._roles["whole"]:
            return True
        if subject in self._roles["asserted"] and (not line.endswith(_DERIVED) or predicate == _TYPE):
            return True
        if subject in self._roles["named"] and predicate in (_TYPE, _LABEL):
            return True
        return line.rsplit(b" ", 2)[0] in self._relations


def _narrowed(extract: Extract) -> bool:
    return any(name != "graph" for name, _ in extract.filters.pairs)


def _ask(extract: Extract, kind: str, iris: Sequence[str]) -> Iterator[Row]:
    for start in range(0, len(iris), _BATCH):
        yield from extract.engine.select(read_query(f"export/{kind}-parts", **{kind: iris[start : start + _BATCH]}))


def _subject(iri: str) -> bytes:
    return f"<{iri}>".encode()
