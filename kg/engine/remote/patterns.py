"""The triples that match the basic graph patterns of a query, asked for as joins of plain triples and nothing else.

No join is left to how an engine compares literals, and none to how it follows a path: a path is read step by step.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import pyoxigraph as ox
from rdflib import XSD, BNode, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath

from kg.engine.remote.releases import BLANK
from kg.engine.remote.results import name_back
from kg.engine.remote.rewrite import OURS
from kg.engine.remote.tree import Triple
from kg.errors import SizeLimitError, UnsupportedError

#: Values of variables, as IRIs on the engine.
Known = Mapping[Variable, frozenset[str]]
#: Asks a query for its solutions, which have these variables.
Ask = Callable[[str, Sequence[str]], ox.QuerySolutions]

#: Solutions of one join, and triples of all, that are taken over at most.
MAX_ROWS, MAX_QUADS = 100_000, 500_000
#: Values of a variable that one question names, and all that follow each other.
_VALUES, _MOST_VALUES = 400, 20_000
#: Values of which it is asked one at a time whether the dataset has them.
_FEW = 50


class Patterns:
    """Reads basic graph patterns; ``quads`` are the triples found so far, those of the default graph in ``default``."""

    def __init__(self, ask: Ask, default: ox.NamedNode) -> None:
        self._ask, self._default = ask, default
        self._numbers = count(1)
        self.quads: set[ox.Quad] = set()
        #: By graph, the IRIs that are subjects or objects of triples found.
        self._nodes: defaultdict[ox.NamedNode, set[str]] = defaultdict(set)

    def describe(self, iris: Iterable[URIRef]) -> None:
        """Find the triples of some IRIs, and those of blank nodes that they lead to."""
        node, verb, value = (self._fresh() for _ in range(3))
        new, old = frozenset(f"<{iri}>" for iri in iris), frozenset[str]()
        while new:
            rows = self._ask_for([(node, verb, value)], None, {node: new})
            old |= new
            new = frozenset(_name(row[value]) for row in rows if isinstance(row[value], ox.BlankNode)) - old

    def read_triples(self, triples: Sequence[Triple], graph: Any, known: Known) -> Known:
        """Find the triples of a basic graph pattern: joined ones at once, then a path after the other."""
        named = {node: self._fresh() for triple in triples for node in triple if isinstance(node, BNode)}
        triples = [tuple(named.get(term, term) for term in triple) for triple in triples]  # type: ignore[misc]
        plain = [triple for triple in triples if not isinstance(triple[1], Path)]
        paths = [triple for triple in triples if isinstance(triple[1], Path)]
        nodes = {term for triple in plain for term in (triple[0], triple[2])}
        groups = self._joined(plain)
        found: Known = {}
        while groups or paths:
            here = both(known, found)
            ready = [
                group for group in groups if any(_is_known(term, here) for triple in group for term in triple[::2])
            ]
            reachable = [path for path in paths if _is_known(path[0], here) or _is_known(path[2], here)]
            if ready or (groups and not reachable):
                group = ready[0] if ready else groups[0]
                groups.remove(group)
                found = both(found, self._find(group, graph, here))
            else:
                path = reachable[0] if reachable else paths[0]
                paths.remove(path)
                if _may_be_empty(path[1]) and nodes.isdisjoint((path[0], path[2])):
                    self._read_nodes(path[0], path[2], graph, here)
                found = both(found, self._read_path(path, graph, here))
        return found

    def _joined(self, triples: Sequence[Triple]) -> list[list[Triple]]:
        """Return triples in groups that share variables; what could be the same literal is another variable."""
        groups = list[list[Triple]]()
        objects = set[Any]()
        for subject, predicate, object_ in triples:
            if isinstance(object_, Literal) and _has_datatype(object_):
                object_ = self._fresh()
            elif object_ in objects or object_ in (subject, predicate):
                object_ = self._fresh() if isinstance(object_, Variable) else object_
            objects.add(object_)
            if not any(isinstance(term, Variable) for term in (subject, predicate, object_)):
                predicate = self._fresh()
            triple = subject, predicate, object_
            mine = {term for term in triple if isinstance(term, Variable)}
            touching = [group for group in groups if any(mine & {*other} for other in group)]
            groups = [group for group in groups if group not in touching]
            groups.append([*(one for group in touching for one in group), triple])
        return groups

    def _find(self, triples: Sequence[Triple], graph: Any, known: Known) -> Known:
        """Find the triples of a join; return the values of its variables that are all IRIs."""
        return _known_of(self._ask_for(triples, graph, known), _variables(triples, graph))

    def _ask_for(
        self, triples: Sequence[Triple], graph: Any, known: Known, most: int | None = None
    ) -> list[dict[Variable, Any]]:
        """Ask for the solutions of a join, or for so many in a graph, and keep their triples."""
        variables = _variables(triples, graph)
        mine = {name: known[name] for name in variables if name in known}
        if any(not values for values in mine.values()) or any(isinstance(triple[0], Literal) for triple in triples):
            return []
        fixed = {name: URIRef(next(iter(values))[1:-1]) for name, values in mine.items() if len(values) == 1}
        open_ = [name for name in variables if name not in fixed]
        if not open_ or graph in fixed:
            fixed, open_ = {}, variables
        table = min(({*mine} - {*fixed}), key=lambda name: len(mine[name]), default=None)
        pattern = " . ".join(" ".join(_write(fixed.get(term, term)) for term in triple) for triple in triples)
        pattern = f"{{ {pattern} }}" if graph is None else f"{{ GRAPH {_write(graph)} {{ {pattern} }} }}"
        if table is not None and len(mine[table]) <= _MOST_VALUES:
            patterns = [f"{pattern} VALUES {_write(table)} {{ {' '.join(part)} }}" for part in _parts(mine[table])]
        else:
            patterns = [pattern]
        rows = list[dict[Variable, Any]]()
        limit = MAX_ROWS + 1 if most is None or isinstance(graph, Variable) else most
        for one in patterns:
            text = f"SELECT {' '.join(map(_write, open_))} WHERE {{ {one} }} LIMIT {limit - len(rows)}"
            rows += [{name: row[str(name)] for name in open_} for row in self._ask(text, [*map(str, open_)])]
            if len(rows) > MAX_ROWS:
                raise SizeLimitError(
                    f"more than {MAX_ROWS:,} solutions of a part of the query would have to be taken over: "
                    f"{pattern[:200]}; ask for less"
                )
        whole = [row | {name: name_back(_value(iri, {})) for name, iri in fixed.items()} for row in rows]
        self._keep(triples, graph, whole)
        return whole

    def _keep(self, triples: Sequence[Triple], graph: Any, rows: Sequence[Mapping[Variable, Any]]) -> None:
        for row in rows:
            named = _value(graph, row) if isinstance(graph, Variable) else self._name_of(graph)
            for triple in triples:
                subject, predicate, object_ = (name_back(_value(term, row)) for term in triple)
                self.quads.add(ox.Quad(subject, predicate, object_, named))
                self._nodes[named].update((_name(subject), _name(object_)))
        if len(self.quads) > MAX_QUADS:
            raise SizeLimitError(f"the query needs more than {MAX_QUADS:,} triples; ask for less")

    # --- paths

    def _read_path(self, triple: Triple, graph: Any, known: Known) -> Known:
        """Find the triples that a path needs."""
        start, path, end = triple
        if not isinstance(path, Path):
            return self.read_triples([triple], graph, known)
        if isinstance(path, InvPath):
            return self._read_path((end, path.arg, start), graph, known)
        if isinstance(path, SequencePath):
            return self._read_sequence(start, path.args, end, graph, known)
        if isinstance(path, AlternativePath):
            branches = [self._read_path((start, arg, end), graph, known) for arg in path.args]
            return {
                name: frozenset().union(*(one[name] for one in branches))
                for name in set.intersection(*({*one} for one in branches))
            }
        if isinstance(path, NegatedPath):
            verb = self._fresh()
            for one, other in ((start, end), (end, start)):
                self.read_triples([(one, verb, other)], graph, known)
            return {}
        if isinstance(path, MulPath):
            return self._read_repeated(start, path, end, graph, known)
        raise UnsupportedError("this path is not answered over this engine")

    def _read_sequence(self, start: Any, steps: Sequence[Any], end: Any, graph: Any, known: Known) -> Known:
        nodes = [start, *(self._fresh() for _ in steps[1:]), end]
        parts = list(zip(nodes, steps, nodes[1:], strict=False))
        if not _is_known(start, known) and _is_known(end, known):
            parts.reverse()
        found: Known = {}
        for part in parts:
            found = both(found, self._read_path(part, graph, both(known, found)))
        return found

    def _read_repeated(self, start: Any, path: MulPath, end: Any, graph: Any, known: Known) -> Known:
        """Find the triples of a path that is repeated: step by step from a known end, or all."""
        one, other = self._fresh(), self._fresh()
        step, target = (one, path.path, other), end
        begin, backwards = _known_values(start, known), _known_values(end, known)
        if begin is None or (backwards is not None and len(backwards) < len(begin)):
            begin, step, target = backwards, (other, path.path, one), start
        if begin is None or isinstance(graph, Variable):
            self._read_path((one, path.path, other), graph, {})
            return {}
        new, old = begin, frozenset[str]()
        while new:
            found = self._read_path(step, graph, {one: new})
            if other not in found:  # there are literals: they may lead on, too
                self._read_path((one, path.path, other), graph, {})
                return {}
            old |= new
            new = found[other] - old
            if not path.more:
                old |= new
                break
        return {target: old} if isinstance(target, Variable) else {}

    def _read_nodes(self, start: Any, end: Any, graph: Any, known: Known) -> None:
        """Find out whether what a path leads to without a triple is a node of the graph: by some triple that has it."""
        verb, other, node = (self._fresh() for _ in range(3))
        constants = [term for term in (start, end) if not isinstance(term, Variable)]
        values = next((known[term] for term in (start, end) if term in known), None)
        if values is not None and not isinstance(graph, Variable):
            found = self._nodes[self._name_of(graph)]
            values = frozenset(value for value in values if value not in found)
        if any(isinstance(term, Literal) and _has_datatype(term) for term in constants):
            raise UnsupportedError("over this engine a path that may be empty cannot end in a number or another value")
        if not constants and values is not None and len(values) <= _FEW:
            constants = [URIRef(value[1:-1]) for value in values]
        for constant in constants:
            if not self._ask_for([(constant, verb, other)], graph, {}, most=1) or isinstance(graph, Variable):
                self._ask_for([(other, verb, constant)], graph, {}, most=1)
        if not constants:
            for triple in ((node, verb, other), (other, verb, node)):
                self._ask_for([triple], graph, {} if values is None else {node: values})

    def _name_of(self, graph: Any) -> ox.NamedNode:
        return self._default if graph is None else ox.NamedNode(graph)

    def _fresh(self) -> Variable:
        return Variable(f"{OURS}n{next(self._numbers)}")


def _has_datatype(literal: Literal) -> bool:
    return literal.datatype is not None and literal.datatype != XSD.string


def _may_be_empty(path: Any) -> bool:
    """Tell whether a path may lead from a term to itself without a triple."""
    if isinstance(path, MulPath):
        return path.zero or _may_be_empty(path.path)
    if isinstance(path, InvPath):
        return _may_be_empty(path.arg)
    if isinstance(path, SequencePath):
        return all(map(_may_be_empty, path.args))
    return isinstance(path, AlternativePath) and any(map(_may_be_empty, path.args))


def both(one: Known, other: Known) -> dict[Variable, frozenset[str]]:
    """Return what is known of variables by two parts that both hold."""
    both = {**one, **other}
    return both | {name: one[name] & other[name] for name in one.keys() & other.keys()}


def _is_known(term: Any, known: Known) -> bool:
    return _known_values(term, known) is not None


def _known_values(term: Any, known: Known) -> frozenset[str] | None:
    """Return the values of a term; None for a variable of which nothing is known, and for a literal."""
    if isinstance(term, URIRef):
        return frozenset({f"<{term}>"})
    values = known.get(term) if isinstance(term, Variable) else None
    return values if values is not None and len(values) <= _MOST_VALUES else None


def _known_of(rows: Sequence[Mapping[Variable, Any]], variables: Sequence[Variable]) -> Known:
    """Return the values of variables that are never literals."""
    columns = {name: {row[name] for row in rows} for name in variables}
    return {
        name: frozenset(map(_name, column))
        for name, column in columns.items()
        if not any(isinstance(term, ox.Literal) for term in column)
    }


def _variables(triples: Sequence[Triple], graph: Any) -> list[Variable]:
    terms = [term for triple in triples for term in triple] + [graph]
    return [*dict.fromkeys(term for term in terms if isinstance(term, Variable))]


def _parts(values: frozenset[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    return (ordered[at : at + _VALUES] for at in range(0, len(ordered), _VALUES))


def _write(term: Any) -> str:
    """Write a term in a query."""
    return f"?{term}" if isinstance(term, Variable) else str(_value(term, {}))


def _value(term: Any, row: Mapping[Variable, Any]) -> Any:
    """Return a term of the query, or the value of a variable in a solution."""
    if isinstance(term, Variable):
        return row[term]
    if isinstance(term, URIRef):
        return ox.NamedNode(term)
    return ox.Literal(str(term), language=term.language) if term.language else ox.Literal(str(term))


def _name(term: Any) -> str:
    """Return an IRI as it stands in a query; a blank node is one on the engine."""
    return f"<{BLANK}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)
