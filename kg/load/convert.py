"""The process that reads other people's files, with limited memory and time, no network and no right to start programs.

    python -P -m kg.load.convert < JOB

JOB is JSON, and so are the lines of the answer on standard output: the bytes and triples read so far, and in the end
licence, version and number of triples, or why a file is refused. A parser that crashes ends this process alone.
"""

import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine.sandbox import drop_privileges, set_timer
from kg.engine.stores import as_held
from kg.load.formats import format_of
from kg.load.source import MIB, TERM_DEPTH, Limits, RefusedFileError, Source
from kg.prefixes import BASE, ONTOLOGY, expand

_TYPE = expand("rdf:type")
_STRING = ox.NamedNode(expand("xsd:string"))
_DESCRIBED = {expand(curie) for curie in ("owl:Ontology", "void:Dataset", "dcat:Dataset")}
_LICENCES = ("http://purl.org/dc/elements/1.1/rights", "http://creativecommons.org/ns#license")
#: Predicates for the licence and the version of an ontology, the preferred first.
_FACTS = {
    "licence": (expand("dcterms:license"), expand("dcterms:rights"), *_LICENCES),
    "version": (expand("owl:versionInfo"), expand("owl:versionIRI")),
}
#: Seconds, since no time at all would mean no limit.
_SHORTEST = 0.001


def main() -> None:
    """Convert the files of one job."""
    job = json.load(sys.stdin)
    limits, begun = Limits(**job["limits"]), time.monotonic()
    drop_privileges(limits.memory)

    def advance(size: int, triples: int) -> None:
        """Allow the time that so many bytes may take, and tell how far the work is."""
        set_timer(max(limits.time(size) - (time.monotonic() - begun), _SHORTEST))
        _report(read=size, triples=triples)

    conversion = Conversion(job["graph"], limits, advance)
    current = ""
    try:
        advance(0, 0)
        for current in job["files"]:
            conversion.add(Path(current))
        current = ""
        result = conversion.write(Path(job["out"]))
    except RefusedFileError as error:
        _report(problem=str(error), file=current)
    except OSError as error:
        _report(problem=f"cannot be read or converted: {error.strerror}", file=current)
    except UnicodeDecodeError as error:
        _report(problem=f"is not {error.encoding.upper()} text", file=current)
    except (MemoryError, RecursionError):
        _report(problem=limits.too_large, file=current)
    else:
        _report(**result)


class Conversion:
    """The triples of the files of one graph, and the licence and version that the files state.

    ``advance`` is told with each MiB how many bytes were read, and how many triples were found in them.
    """

    def __init__(
        self, graph: str, limits: Limits, advance: Callable[[int, int], object] = lambda size, triples: None
    ) -> None:
        self._graph, self._limits, self._advance = ox.NamedNode(graph), limits, advance
        self._prefix = f"x{sha256(graph.encode()).hexdigest()[:8]}b"
        self._end = f" {self._graph} .\n".encode()
        #: The triples as N-Triples without their ends: bytes, as text that is not ASCII takes up to four times as many.
        self._triples: set[bytes] = set()
        self._read = self._written = 0
        self._described: set[str] = set()
        self._stated: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)

    def add(self, path: Path) -> None:
        """Read a file. Raises RefusedFileError when it cannot be read, or exceeds a limit."""
        format_ = format_of(path)
        labels: dict[str, ox.BlankNode] = {}
        quad = None
        with closing(
            Source(path, self._limits.json if format_.whole else self._limits.unpacked, self._count)
        ) as source:
            for quad in format_.read(source, self._graph.value):
                self._take(quad, labels)
        if quad is None:
            raise RefusedFileError("contains no triples")
        self._prefix += "b"

    def _count(self, size: int) -> None:
        before, self._read = self._read, self._read + size
        if before // MIB != self._read // MIB:
            self._advance(self._read, len(self._triples))

    def write(self, path: Path) -> dict[str, Any]:
        """Write all lines, sorted and gzipped; the same files give the same bytes."""
        with (
            path.open("xb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file,
        ):
            for triple in sorted(self._triples):  # a space sorts before whatever may follow in a longer one
                file.write(triple + self._end)
        facts = {name: self._fact(predicates) for name, predicates in _FACTS.items()}
        return {"done": len(self._triples), **facts}

    def _take(self, quad: ox.Quad, labels: dict[str, ox.BlankNode]) -> None:
        self._check(quad)
        self._note(quad)
        subject, target = self._relabel(quad.subject, labels), self._relabel(quad.object, labels)
        triple = str(ox.Triple(subject, quad.predicate, target)).encode()
        self._written += len(triple) + len(self._end)
        if self._written > self._limits.written(self._read):
            raise RefusedFileError(self._limits.too_expansive)
        self._triples.add(triple)
        if len(self._triples) > self._limits.triples:
            raise RefusedFileError(f"has more than {self._limits.triples:,} triples")

    def _check(self, quad: ox.Quad) -> None:
        if any(isinstance(term, ox.NamedNode) and self._is_ours(term.value) for term in (quad.subject, quad.predicate)):
            raise RefusedFileError(f"describes terms of this dataset, such as {quad.subject}; only our own records do")
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(ONTOLOGY):
            raise RefusedFileError(f"uses our own class {quad.object}; only our own records do")
        for text in _texts(quad.subject, 0), _texts(quad.predicate, 0), _texts(quad.object, 0):
            if max(map(len, text)) > self._limits.literal:
                raise RefusedFileError(f"contains a literal or an IRI of more than {self._limits.literal:,} characters")

    def _is_ours(self, iri: str) -> bool:
        """Tell whether an IRI is one of this dataset; those that a relative IRI has below the graph are the file's."""
        graph = self._graph.value
        return iri.startswith(BASE) and iri != graph and not iri.startswith((f"{graph}#", f"{graph}/"))

    def _relabel(self, term: Any, labels: dict[str, ox.BlankNode]) -> Any:
        """Return a term as the dataset has it: numbers in the engine's spelling, so that no triple is there twice.

        Blank nodes are numbered in the order of the file: the same file gives the same labels.
        """
        if isinstance(term, ox.BlankNode):
            if term.value not in labels:
                labels[term.value] = ox.BlankNode(f"{self._prefix}{len(labels)}")
            return labels[term.value]
        if isinstance(term, ox.Triple):
            return ox.Triple(*(self._relabel(part, labels) for part in (term.subject, term.predicate, term.object)))
        if isinstance(term, ox.Literal) and not term.language and term.datatype != _STRING:
            return as_held(term)
        return term

    def _note(self, quad: ox.Quad) -> None:
        subject, predicate = str(quad.subject), quad.predicate.value
        if predicate == _TYPE and isinstance(quad.object, ox.NamedNode) and quad.object.value in _DESCRIBED:
            self._described.add(subject)
        elif any(predicate in predicates for predicates in _FACTS.values()) and not isinstance(quad.object, ox.Triple):
            self._stated[predicate].append((subject, quad.object.value))

    def _fact(self, predicates: tuple[str, ...]) -> str | None:
        """Return what the ontologies in the files state with the first of the predicates that any of them uses."""
        for predicate in predicates:
            values = {value for subject, value in self._stated[predicate] if subject in self._described}
            if values:
                return "; ".join(sorted(values))
        return None


def _texts(term: Any, depth: int) -> Iterator[str]:
    if depth > TERM_DEPTH:
        raise RefusedFileError(f"nests triple terms deeper than {TERM_DEPTH} levels")
    if isinstance(term, ox.Triple):
        for part in (term.subject, term.predicate, term.object):
            yield from _texts(part, depth + 1)
    else:
        yield term.value


def _report(**message: object) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
