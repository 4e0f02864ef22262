"""The dataset, or a part of it, in the syntaxes of RDF; written in pieces, so that little is in memory at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, repeat

import pyoxigraph as ox

from kg.engine import Row
from kg.engine.embedded import has_xml_names
from kg.export.extract import Extract, batches
from kg.export.text import is_xml
from kg.prefixes import EXTERNAL, GRAPH, PREFIXES, expand

_BATCH = 4000  # quads that are written at once
_NAMESPACES = dict(sorted((PREFIXES | EXTERNAL).items()))
_HEADER = re.compile(rb"(@prefix [^\n]*\n)+")
#: Ends of lines of the graphs that are computed.
_COMPUTED = tuple(f"<{GRAPH}{name}> .\n".encode() for name in ("inferred", "synthesis"))
_TYPE, _LABEL = (f"<{expand(name)}>".encode() for name in ("rdf:type", "rdfs:label"))


def write_nquads(extract: Extract) -> Iterator[bytes]:
    """Yield the quads exactly as they are in the snapshot."""
    yield from (b"".join(lines) for lines in batches(_lines(extract), _BATCH))


def write_ntriples(extract: Extract) -> Iterator[bytes]:
    """Yield each triple once, however many graphs contain it."""
    yield from (b"".join(lines) for lines in batches(_triple_lines(extract), _BATCH))


def write_turtle(extract: Extract) -> Iterator[bytes]:
    """Yield the same as Turtle."""
    yield _prefixes()
    for batch in batches(_triples(extract), _BATCH):
        yield _HEADER.sub(b"", _serialise(batch, ox.RdfFormat.TURTLE), count=1)


def write_trig(extract: Extract) -> Iterator[bytes]:
    """Yield the quads as TriG."""
    yield _prefixes()
    for batch in _by_graph(extract):
        yield _HEADER.sub(b"", _serialise(batch, ox.RdfFormat.TRIG), count=1)


def write_json_ld(extract: Extract) -> Iterator[bytes]:
    """Yield the quads as expanded JSON-LD, one array of node objects and of graphs."""
    separators = chain((b"",), repeat(b",\n"))
    yield b"["
    for batch in _by_graph(extract):
        yield next(separators) + _serialise(batch, ox.RdfFormat.JSON_LD)[1:-1]
    yield b"]\n"


def write_rdf_xml(extract: Extract) -> Iterator[bytes]:
    """Yield each triple that RDF/XML can express: predicate and type end in names, its text is XML."""
    names = "".join(f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in _NAMESPACES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()
    for batch in batches(filter(_fits_xml, _triples(extract)), _BATCH):
        yield _xml(batch).split(b"\n", 2)[2].removesuffix(b"</rdf:RDF>")
    yield b"</rdf:RDF>\n"


def _prefixes() -> bytes:
    """Write the prefixes in order: that of the serialiser is not stable."""
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in _NAMESPACES.items()).encode()


def _fits_xml(triple: ox.Triple) -> bool:
    text = triple.object.value if isinstance(triple.object, ox.Literal) else ""
    return has_xml_names(triple) and is_xml(text)


def _xml(batch: Iterable[ox.Triple]) -> bytes:
    """Write a document in which carriage returns are references: a reader of XML takes bare ones for line feeds."""
    return _serialise(batch, ox.RdfFormat.RDF_XML).replace(b"\r", b"&#13;")


def _serialise(batch: Iterable[ox.Quad] | Iterable[ox.Triple], format_: ox.RdfFormat) -> bytes:
    text = ox.serialize(batch, format=format_, prefixes=_NAMESPACES)
    assert text is not None
    return text


def _by_graph(extract: Extract) -> Iterator[list[ox.Quad]]:
    for batch in batches(_quads(extract), _BATCH):
        yield sorted(batch, key=lambda quad: str(quad.graph_name))


def _triples(extract: Extract) -> Iterator[ox.Triple]:
    for lines in batches(_triple_lines(extract), _BATCH):
        yield from (quad.triple for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES))


def _quads(extract: Extract) -> Iterator[ox.Quad]:
    for lines in batches(_lines(extract), _BATCH):
        yield from ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)


def _triple_lines(extract: Extract) -> Iterator[bytes]:
    """Yield each triple once, as a line: the quads are sorted, so that those of other graphs follow it."""
    for triple, _ in groupby(line.rsplit(b" ", 2)[0] for line in _lines(extract)):
        yield triple + b" .\n"


def _lines(extract: Extract) -> Iterator[bytes]:
    """Yield the selected quads as the snapshot has them: sorted, one a line (RDF 1.1 N-Quads).

    They are all quads; those of some graphs; or those about the selected findings and entities.
    """
    graphs = tuple(f"<{iri}> .\n".encode() for iri in sorted(extract.iris("graph")))
    narrowed = any(name != "graph" for name, _ in extract.filters.pairs)
    belongs = _Belonging(extract) if narrowed else None
    for path in extract.snapshot.quads:
        with path.open("rb") as file:
            for line in file:
                if (not graphs or line.endswith(graphs)) and (belongs is None or line in belongs):
                    yield line


class _Belonging:
    """The lines that belong to the selected findings and entities.

    Of findings, their parts and the edges that they support these are all; of entities and sources what was asserted,
    and their types; of whatever else these mention types and labels. A bare relation is among them only with a
    finding that supports it.
    """

    def __init__(self, extract: Extract) -> None:
        """Read what belongs to an extract."""
        roles: defaultdict[str, set[bytes]] = defaultdict(set)
        roles["whole"] = {f"<{iri}>".encode() for iri in extract.findings}
        roles["asserted"] = {f"<{iri}>".encode() for iri in extract.entities}
        for row in (*_parts(extract, "finding", extract.findings), *_parts(extract, "entity", extract.entities)):
            keys = ("part", "predicate", "object") if row["role"] == "relation" else ("part",)
            roles[row["role"]].add(" ".join(f"<{row[key]}>" for key in keys).encode())
        self._roles = roles

    def __contains__(self, line: bytes) -> bool:
        """Tell whether a line belongs to the extract."""
        subject, predicate, _ = line.split(b" ", 2)
        return (
            subject in self._roles["whole"]
            or (subject in self._roles["asserted"] and (not line.endswith(_COMPUTED) or predicate == _TYPE))
            or (subject in self._roles["named"] and predicate in (_TYPE, _LABEL))
            or line.rsplit(b" ", 2)[0] in self._roles["relation"]
        )


def _parts(extract: Extract, kind: str, iris: Sequence[str]) -> Iterator[Row]:
    for batch in batches(iris):
        yield from extract.labels.select(f"export/{kind}-parts", **{kind: batch})
