"""Finds the terms of a dataset that a condition leaves: those that contain a text, and those below another.

What is found may be more than a condition leaves, as the dataset of a query may be a part of this one, never less.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from io import BytesIO
from typing import cast

import pyoxigraph as ox

from kg.engine.rewrite.conditions import Words

#: Characters beyond ASCII whose lower case, or whose like in regular expressions, is in ASCII: K, long s, dotted I.
_LIKE_ASCII = tuple(sign.encode() for sign in "\u212a\u017f\u0130")
#: Triples of the largest dataset whose objects are read: ten million would take half a minute and half a gigabyte.
_LARGEST = 3_000_000
#: Every IRI and literal that is an object of a predicate, once: in a default graph, and in all graphs.
_OBJECTS = "SELECT DISTINCT ?p ?o { ?s ?p ?o FILTER(isIRI(?o) || isLiteral(?o)) }"
_OBJECTS_ANYWHERE = _OBJECTS.replace("?s ?p ?o", "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }")

_TOTALS = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"


class _Lines:
    """Terms as the lines of a text, in which words are found faster than in any index of a few megabytes."""

    def __init__(self, terms: bytes) -> None:
        self._terms = terms
        # Only ASCII changes its case, so that every term keeps its place.
        self._lower = terms.lower()
        self._unlike = [line for line in terms.splitlines() if any(sign in line for sign in _LIKE_ASCII)]

    def find(self, words: Words) -> Iterator[bytes]:
        """Yield the terms that contain some words, and perhaps others."""
        text, where = words.text.encode(), self._lower if words.any_case else self._terms
        at = where.find(text)
        while at >= 0:
            begin, end = where.rfind(b"\n", 0, at) + 1, where.index(b"\n", at)
            if not words.whole or where[begin:end].startswith((text, b'"' + text + b'"', b"<" + text + b">")):
                yield self._terms[begin:end]
            at = where.find(text, end)
        if words.any_case:
            yield from self._unlike


class Terms:
    """The terms of a store that is filled and does not change any more."""

    def __init__(self, store: ox.Store, *, union: bool, large: bool) -> None:
        """Look in the default graph, when that is the ``union`` of all, or else in every graph.

        What is known to be ``large`` is not counted.
        """
        self._store, self._union, self._known_to_be_large = store, union, large
        self.below = lru_cache(maxsize=50)(self._below)

    @cached_property
    def large(self) -> bool:
        """Whether the dataset is too large for its objects to be read."""
        if self._known_to_be_large:
            return True
        text = f"SELECT (COUNT(*) AS ?n) {{ SELECT * {{ ?s ?p ?o }} LIMIT {_LARGEST + 1} }}"  # the length takes longer
        (solution,) = cast(ox.QuerySolutions, self._store.query(text, use_default_graph_as_union=not self._union))
        return int(solution["n"].value) > _LARGEST

    @cached_property
    def totals(self) -> dict[str, int]:
        """How many triples have each predicate."""
        solutions = self._store.query(_TOTALS, use_default_graph_as_union=not self._union)
        return {predicate.value: int(total.value) for predicate, total in cast(ox.QuerySolutions, solutions)}

    @cached_property
    def objects(self) -> dict[str, _Lines]:
        """The objects of each predicate, read when they are first asked for."""
        written = BytesIO()
        solutions = self._store.query(_OBJECTS if self._union else _OBJECTS_ANYWHERE)
        cast(ox.QuerySolutions, solutions).serialize(written, format=ox.QueryResultsFormat.TSV)
        found = defaultdict[bytes, list[bytes]](list)
        for line in written.getvalue().split(b"\n")[1:-1]:  # without the head
            predicate, _, term = line.partition(b"\t")
            found[predicate].append(term)
        return {predicate[1:-1].decode(): _Lines(b"\n".join((*terms, b""))) for predicate, terms in found.items()}

    def containing(self, words: Iterable[Words], predicates: Sequence[str] | None, most: int) -> list[str] | None:
        """Return the objects of predicates, or of all, that contain one of some words.

        None for more than ``most``, or when the dataset is too large.
        """
        if self.large:
            return None
        found: dict[str, None] = {}
        for predicate in self.objects.keys() if predicates is None else self.objects.keys() & predicates:
            lines = self.objects[predicate]
            for each in words:
                for term in lines.find(each):
                    found[term.decode()] = None
                    if len(found) > most:
                        return None
        return list(found)

    def _below(self, predicates: tuple[str, ...], term: str, most: int) -> list[str] | None:
        """Return an IRI and those from which a path of predicates leads to it.

        None for more than ``most``, or when one of them is no IRI.
        """
        start = ox.NamedNode(term)
        found, ahead = {start}, [start]
        graph = ox.DefaultGraph() if self._union else None
        relations = [ox.NamedNode(predicate) for predicate in predicates]
        while ahead:
            node = ahead.pop()
            for relation in relations:
                for quad in self._store.quads_for_pattern(None, relation, node, graph):
                    other = quad.subject
                    if not isinstance(other, ox.NamedNode) or len(found) > most:
                        return None
                    if other not in found:
                        found.add(other)
                        ahead.append(other)
        return sorted(map(str, found))
