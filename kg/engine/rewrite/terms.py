"""Finds the terms of a dataset that a condition leaves: those that contain a text, and those below another.

What is found may be more than a condition leaves, as the dataset of a query may be a part of this one, never less.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from io import BytesIO
from typing import cast

import pyoxigraph as ox

from kg.engine.rewrite.conditions import Words

#: Characters beyond ASCII whose lower case, or whose like in regular expressions, is in ASCII: K, long s, dotted I.
_LIKE_ASCII = tuple(sign.encode() for sign in "\u212a\u017f\u0130")
#: All IRIs and literals that a predicate has as objects. What is repeated in two graphs is one.
_OBJECTS = """SELECT DISTINCT ?o {{ {{ ?s {predicate} ?o }} UNION {{ GRAPH ?g {{ ?s {predicate} ?o }} }}
    FILTER(isIRI(?o) || isLiteral(?o)) }}"""
_PREDICATES = "SELECT DISTINCT ?p { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


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

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._lines: dict[str, _Lines] = {}
        self.below = lru_cache(maxsize=1000)(self._below)

    def load(self) -> None:
        """Read the objects of all predicates, which are otherwise read when they are first needed."""
        for predicate in self._predicates:
            self._objects(predicate)

    def containing(self, words: Iterable[Words], predicates: Sequence[str] | None, most: int) -> list[str] | None:
        """Return the objects of predicates, or of all, that contain one of some words; None for more than ``most``."""
        found: dict[str, None] = {}
        for predicate in self._predicates if predicates is None else predicates:
            for each in words:
                for term in self._objects(predicate).find(each):
                    found[term.decode()] = None
                    if len(found) > most:
                        return None
        return list(found)

    def _below(self, predicates: tuple[str, ...], term: str, backwards: bool, most: int) -> list[str] | None:
        """Return an IRI and those from which, or with ``backwards=False`` to which, a path of predicates leads.

        None for more than ``most``, or when one of them is no IRI.
        """
        start = ox.NamedNode(term)
        found, ahead = {start}, [start]
        relations = [ox.NamedNode(predicate) for predicate in predicates]
        while ahead:
            node = ahead.pop()
            for relation in relations:
                subject, target = (None, node) if backwards else (node, None)
                for quad in self._store.quads_for_pattern(subject, relation, target, None):
                    other = quad.subject if backwards else quad.object
                    if not isinstance(other, ox.NamedNode) or len(found) > most:
                        return None
                    if other not in found:
                        found.add(other)
                        ahead.append(other)
        return sorted(map(str, found))

    @cached_property
    def _predicates(self) -> list[str]:
        return sorted(solution["p"].value for solution in self._solutions(_PREDICATES))

    def _solutions(self, text: str) -> ox.QuerySolutions:
        return cast(ox.QuerySolutions, self._store.query(text))

    def _objects(self, predicate: str) -> _Lines:
        if predicate not in self._lines:
            written = BytesIO()
            solutions = self._solutions(_OBJECTS.format(predicate=ox.NamedNode(predicate)))
            solutions.serialize(written, format=ox.QueryResultsFormat.TSV)
            self._lines[predicate] = _Lines(written.getvalue().partition(b"\n")[2])  # without the head
        return self._lines[predicate]
