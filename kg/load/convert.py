"""The process that reads foreign files: it has a bounded memory and life, no network, and starts no program.

    python -m kg.load.convert < JOB

JOB is JSON; the answer is lines of JSON on standard output: how many triples there are so far, and in the end what was
found, or why a file is refused. A parser that crashes takes this process with it and nothing else.
"""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine.sandbox import drop_privileges, set_timer
from kg.load.formats import format_of
from kg.load.limits import TERM_DEPTH, Limits, RefusedFileError
from kg.load.source import Source
from kg.prefixes import BASE, ONTOLOGY, expand

_TYPE = expand("rdf:type")
_DESCRIBED = {expand(curie) for curie in ("owl:Ontology", "void:Dataset", "dcat:Dataset")}
_LICENCES = ("http://purl.org/dc/elements/1.1/rights", "http://creativecommons.org/ns#license")
#: What states the licence and the version of an ontology, the better first.
_FACTS = {
    "licence": (expand("dcterms:license"), expand("dcterms:rights"), *_LICENCES),
    "version": (expand("owl:versionInfo"), expand("owl:versionIRI")),
}
_EVERY = 50_000


def main() -> None:
    """Do one job."""
    job = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    drop_privileges(limits.memory)
    set_timer(limits.seconds)
    conversion = Conversion(job["graph"], limits)
    current = ""
    try:
        for current in job["files"]:
            conversion.add(Path(current))
        current = ""
        found = conversion.write(Path(job["out"]))
    except (RefusedFileError, OSError) as error:
        _say(problem=str(error), file=current)
    except UnicodeDecodeError:
        _say(problem="is not UTF-8 text", file=current)
    except (MemoryError, RecursionError):
        _say(problem="needs more memory than a file may have", file=current)
    else:
        _say(**found)


class Conversion:
    """The triples of the files of one graph, as lines of N-Quads, and what the files say of themselves."""

    def __init__(self, graph: str, limits: Limits) -> None:
        self._graph, self._limits = ox.NamedNode(graph), limits
        self._prefix = f"x{sha256(graph.encode()).hexdigest()[:8]}b"
        self._lines: set[str] = set()
        self._described: set[str] = set()
        self._stated: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)

    def add(self, path: Path) -> None:
        """Read a file. Raises RefusedFileError when it cannot be read, or asks for more than it may have."""
        format_ = format_of(path)
        labels: dict[str, ox.BlankNode] = {}
        found = False
        with closing(Source(path, self._limits.json if format_.whole else self._limits.unpacked)) as source:
            for quad in format_.read(source):
                self._take(quad, labels)
                found = True
        if not found:
            raise RefusedFileError("holds no triple")
        self._prefix += "b"

    def write(self, path: Path) -> dict[str, Any]:
        """Write all lines, sorted and gzipped; the same files give the same bytes."""
        with (
            path.open("xb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file,
        ):
            for line in sorted(self._lines):
                file.write(line.encode("utf-8"))
        facts = {name: self._fact(predicates) for name, predicates in _FACTS.items()}
        return {"done": len(self._lines), **facts}

    def _take(self, quad: ox.Quad, labels: dict[str, ox.BlankNode]) -> None:
        self._check(quad)
        self._note(quad)
        subject, target = self._own(quad.subject, labels), self._own(quad.object, labels)
        self._lines.add(f"{ox.Quad(subject, quad.predicate, target, self._graph)} .\n")
        if len(self._lines) > self._limits.triples:
            raise RefusedFileError(f"brings more than {self._limits.triples:,} triples")
        if len(self._lines) % _EVERY == 0:
            _say(triples=len(self._lines))

    def _check(self, quad: ox.Quad) -> None:
        own = isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE)
        if own or quad.predicate.value.startswith(BASE):
            raise RefusedFileError(f"describes terms of this dataset, such as {quad.subject}; only our own records do")
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(ONTOLOGY):
            raise RefusedFileError(f"makes use of our own class {quad.object}; only our own records do")
        for text in _texts(quad.subject, 0), _texts(quad.predicate, 0), _texts(quad.object, 0):
            if max(map(len, text)) > self._limits.literal:
                raise RefusedFileError(f"holds a literal or an IRI of more than {self._limits.literal:,} characters")

    def _own(self, term: Any, labels: dict[str, ox.BlankNode]) -> Any:
        """Return a term with blank nodes numbered in the order of the file, so that the same file gives the same."""
        if isinstance(term, ox.BlankNode):
            if term.value not in labels:
                labels[term.value] = ox.BlankNode(f"{self._prefix}{len(labels)}")
            return labels[term.value]
        if isinstance(term, ox.Triple):
            return ox.Triple(*(self._own(part, labels) for part in (term.subject, term.predicate, term.object)))
        return term

    def _note(self, quad: ox.Quad) -> None:
        subject, predicate = str(quad.subject), quad.predicate.value
        if predicate == _TYPE and isinstance(quad.object, ox.NamedNode) and quad.object.value in _DESCRIBED:
            self._described.add(subject)
        elif any(predicate in predicates for predicates in _FACTS.values()) and not isinstance(quad.object, ox.Triple):
            self._stated[predicate].append((subject, quad.object.value))

    def _fact(self, predicates: tuple[str, ...]) -> str | None:
        """Return what the ontologies in the files state by the best predicate that any of them has."""
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


def _say(**message: object) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
