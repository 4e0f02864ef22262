"""The dataset of a query: which graphs its default graph is made of, and which have names (SPARQL 1.1, section 13.2).

A default graph of several graphs is their merge, in which a triple that two of them hold stands once. The engine would
find it twice, so that COUNT would be wrong: it is given the merge as a store of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine.base import Query
from kg.engine.tokens import tokens


@dataclass(frozen=True)
class View:
    """A store, and what the engine is to take from it; None leaves all to the engine."""

    store: ox.Store
    default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
    named: list[ox.NamedNode | ox.BlankNode] | None = None


def view(store: ox.Store, query: Query) -> View:
    """Return the dataset that the request asks for, else that which the query names, else the whole store."""
    asked_for = _of_request(query) or _of_text(query)
    if asked_for is None:
        return View(store)
    default, named = (list(dict.fromkeys(map(ox.NamedNode, iris))) for iris in asked_for)
    if len(default) < 2:
        return View(store, [*default], [*named])
    merged = ox.Store()
    for graph in default:
        found = store.quads_for_pattern(None, None, None, graph)
        merged.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in found)
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return View(merged, [ox.DefaultGraph()], [*named])


def _of_request(query: Query) -> tuple[Iterable[str], Iterable[str]] | None:
    if query.default_graphs is None and query.named_graphs is None:
        return None
    return query.default_graphs or (), query.named_graphs or ()


def _of_text(query: Query) -> tuple[Iterable[str], Iterable[str]] | None:
    if "from" not in query.text.lower():
        return None
    prologue, clauses = _clauses(query.text)
    # The prologue of a query is one of Turtle too, which resolves prefixes and relative IRIs.
    triples = "".join(f"<urn:x:s> <urn:x:{kind}> {graph} .\n" for kind, graph in clauses)
    try:
        found = list(ox.parse(prologue + triples, format=ox.RdfFormat.TURTLE, base_iri=query.base))
    except SyntaxError:
        return None  # the engine says what is wrong, and where
    pairs = [(quad.predicate.value, quad.object.value) for quad in found if isinstance(quad.object, ox.NamedNode)]
    default, named = ([iri for kind, iri in pairs if kind == f"urn:x:{word}"] for word in ("FROM", "NAMED"))
    return (default, named) if pairs else None


def _clauses(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the prologue of a query, and its FROM and FROM NAMED clauses.

    >>> _clauses("PREFIX : <urn:> SELECT * FROM :a FROM NAMED <b> { ?from ?p 'FROM' }")
    ('PREFIX : <urn:> \\n', [('FROM', ':a'), ('NAMED', '<b>')])
    """
    prologue, clauses, depth, before = None, [], 0, ""
    for token in tokens(text):
        word = token[0].upper() if token.lastgroup == "word" else ""
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if prologue is None and word not in ("", "PREFIX", "BASE"):
            prologue = text[: token.start()]
        if depth == 0 and before in ("FROM", "NAMED") and token.lastgroup in ("iri", "name"):
            clauses.append((before, token[0]))
        before = word
    return f"{prologue or ''}\n", clauses
