"""What is changed in the text of a query so that it asks one release of an engine, and gets the answer of the snapshot.

Only what has to be is changed, by tokens: the rest of the text arrives as it was written.

- FROM and FROM NAMED go into the request, by the names that graphs have on the engine (SPARQL 1.1 Protocol, 2.1.4).
- ``GRAPH <iri>`` names the graph of the release; one that the dataset lacks names a graph that has nothing.
- ``GRAPH ?g { ... }`` becomes ``GRAPH ?_kg1 { ... } VALUES (?_kg1 ?g) { ... }`` with the graphs of the dataset by both
  names: the same solutions, and no graph of another release.
- ``isBlank`` and ``isIRI`` know that blank nodes are IRIs there. ``STR`` of a blank node, which is an error, gives that
  IRI; and a blank node is sorted as an IRI.
- ``TRUE`` becomes ``true``: not every engine takes it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import pyoxigraph as ox

from kg.engine.base import Query
from kg.engine.embedded import dataset_of_text
from kg.engine.remote.brackets import Edits, Tokens
from kg.engine.remote.releases import BLANK, graph_iri, no_graph, release_iri
from kg.engine.tokens import is_keyword, lower_booleans, read_head
from kg.errors import UnsupportedError

#: What the names of variables begin with that a rewritten query has and its author did not write.
OURS = "_kg"
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True)
class Release:
    """A release on an engine: its version, and its named graphs by the names of the snapshot."""

    version: str
    graphs: Sequence[str]


@dataclass(frozen=True)
class Prepared:
    """A query for an engine: its text, and the graphs of its dataset by the names on the engine."""

    text: str
    default: str
    named: tuple[str, ...]


def prepare(query: Query, release: Release) -> Prepared:
    """Rewrite a query that parses for a release. Raises UnsupportedError when the dataset cannot be had there."""
    default, named = dataset_of(query, release)
    text = without_from(lower_booleans(query.text))
    text = _with_blank_nodes(text)
    text, used = _rename_graphs(text, query.base, release.version, named)
    return Prepared(_with_base(text, query.base), _default_graph(release, default), used)


def dataset_of(query: Query, release: Release) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the graphs of a query's default graph, by the names of the snapshot, and its named graphs."""
    if query.default_graphs is None and query.named_graphs is None:
        chosen = dataset_of_text(query) or (release.graphs, release.graphs)
    else:
        chosen = query.default_graphs or (), query.named_graphs or ()
    default, named = (tuple(dict.fromkeys(graphs)) for graphs in chosen)
    return default, named


def _default_graph(release: Release, default: Sequence[str]) -> str:
    if {*release.graphs} <= {*default}:
        return release_iri(release.version)
    if len(default) > 1:
        raise UnsupportedError(
            "a default graph of several graphs cannot be had from a remote engine, which would count a triple of two "
            "of them twice; name one graph, or ask each by GRAPH"
        )
    return graph_iri(release.version, default[0]) if default else no_graph(release.version)


def without_from(text: str) -> str:
    """Return a query without FROM and FROM NAMED."""
    found, edits, depth = Tokens(text), Edits(text), 0
    for index, token in enumerate(found.all):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth == 0 and is_keyword(token, "FROM"):
            named = is_keyword(found.all[index + 1], "NAMED")
            edits.replace(token.start(), found.all[index + 1 + named].end(), "")
    return edits.apply()


def _with_blank_nodes(text: str) -> str:
    """Return a query whose tests of terms take the IRIs of blank nodes for blank nodes."""
    found, edits = Tokens(text), Edits(text)
    for index in found.where("ISBLANK", "ISIRI", "ISURI"):
        if (end := found.closing.get(index + 1)) is None:
            continue
        blank = f'STRSTARTS(STR({found.slice(index + 2, end)}), "{BLANK}")'
        rest = f" || {blank})" if is_keyword(found.all[index], "ISBLANK") else f" && !{blank})"
        edits.replace(found.all[index].start(), found.all[index].start(), "(")
        edits.replace(found.all[end].end(), found.all[end].end(), rest)
    return edits.apply()


def _rename_graphs(text: str, base: str | None, version: str, named: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Rename the graphs of GRAPH clauses; return the text, and which graphs it needs by their names on the engine."""
    found, edits, numbers, used = Tokens(text), Edits(text), count(1), dict[str, None]()
    rows = [(graph_iri(version, graph), graph) for graph in named]
    for index in found.where("GRAPH"):
        term = found.all[index + 1]
        if term.lastgroup == "variable":
            alias = f"?{OURS}{next(numbers)}"
            table = " ".join(f"(<{there}> <{here}>)" for there, here in rows)
            edits.replace(*term.span(), alias)
            end = found.all[found.closing[index + 2]].end()
            edits.replace(end, end, f" VALUES ({alias} ?{term[0][1:]}) {{ {table} }}")
            used.update(dict.fromkeys(there for there, _ in rows))
        elif term.lastgroup in ("iri", "name"):
            iri = _resolve(text, base, term[0])
            name = graph_iri(version, iri) if iri in named else no_graph(version)
            edits.replace(*term.span(), f"<{name}>")
            used[name] = None
    return edits.apply(), tuple(used)


def _resolve(text: str, base: str | None, term: str) -> str:
    """Return the IRI that a term of a query stands for; a prologue of SPARQL is one of Turtle, too."""
    turtle = f"{read_head(text).prologue}\n<urn:x> <urn:x> {term} ."
    return next(quad.object.value for quad in _parse(turtle, base) if isinstance(quad.object, ox.NamedNode))


def _parse(turtle: str, base: str | None) -> Iterable[ox.Quad]:
    return ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=base)


def _with_base(text: str, base: str | None) -> str:
    """Return a query that says what its relative IRIs are resolved against, if it has any."""
    relative = any(token.lastgroup == "iri" and not _ABSOLUTE.match(token[0]) for token in Tokens(text).all)
    return f"BASE <{base}>\n{text}" if base and relative else text
