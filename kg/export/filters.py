"""The filters that all exports share: what may be asked for, and what its words stand for in the graph."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from kg.errors import FilterError
from kg.prefixes import GRAPH, ID, ONTOLOGY, contract
from kg.queries import Parameter
from kg.read.labels import Labels, local
from kg.read.schema import class_of, kind_of

#: Words for findings without a direction of their own: those whose source denies the relation, and those that name
#: none.
DENIED, NONE = "denied", "none"
_BEST, _WORST = 1, 5


@dataclass(frozen=True)
class Filters:
    """What an export is limited to, in the words of users; what is left empty limits nothing.

    Findings fit by ``kind``, ``source``, ``predicate``, ``direction`` and ``max_level``. Entities fit by ``type``, by
    the steps (``depth``, 1 when not given) that they are away from a ``center``, and by not being in ``without``.
    ``graph`` names the named graph that is read. A finding's direction is ``denied`` when its source denies the
    relation, else its own, else ``none``.
    """

    type: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    center: tuple[str, ...] = ()
    depth: int | None = None
    graph: tuple[str, ...] = ()
    predicate: tuple[str, ...] = ()
    max_level: int | None = None
    direction: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Iterable[tuple[str, str]]) -> "Filters":
        """Read filters from pairs of name and text, as the parameters of a request; raises FilterError.

        >>> Filters.read([("kind", "outcome"), ("kind", "site"), ("depth", "2"), ("center", "site/hand")]).kind
        ('outcome', 'site')
        >>> Filters.read([("depth", "one")])
        Traceback (most recent call last):
            ...
        kg.errors.FilterError: depth is one whole number, not 'one'
        """
        names = [field.name for field in fields(cls)]
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, text in given:
            if name not in names:
                raise FilterError(f"there is no filter {name!r}; there are {', '.join(names)}")
            found[name].append(text)
        numbers = {name: _number(name, found.pop(name)) for name in ("depth", "max_level") if name in found}
        words = {name: tuple(dict.fromkeys(texts)) for name, texts in found.items()}
        return cls(**words, **numbers)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense; raises FilterError."""
        if self.depth is not None and (self.depth < 0 or not self.center):
            raise FilterError("depth is a number of steps, 0 or more, away from a center; name a center, too")
        if self.max_level is not None and not _BEST <= self.max_level <= _WORST:
            raise FilterError(f"max_level is a rank from {_BEST} (the best evidence) to {_WORST}, not {self.max_level}")

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return any(getattr(self, field.name) not in ((), None) for field in fields(self))

    def items(self) -> list[tuple[str, str]]:
        """Return the filters as pairs, sorted: equal filters give equal pairs."""
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return sorted(
            (name, str(one))
            for name, value in given
            if value is not None
            for one in (value if isinstance(value, tuple) else (value,))
        )


@dataclass(frozen=True)
class Resolved:
    """Filters as the IRIs that they stand for in one snapshot; raises FilterError where a word stands for nothing."""

    labels: Labels
    filters: Filters

    @property
    def findings(self) -> dict[str, Parameter]:
        """What a query for findings is limited to."""
        kinds = [class_of(kind) for kind in self.filters.kind]
        for kind, iri in zip(self.filters.kind, kinds, strict=True):
            if iri not in self._choices["kind"]:
                raise _unknown("kind of finding", kind, sorted(kind_of(local(one)) for one in self._choices["kind"]))
        return _given(
            kind=kinds,
            source=[self._source(name) for name in self.filters.source],
            predicate=[self._term("predicate", "relation", name) for name in self.filters.predicate],
            max_level=self.filters.max_level,
            graph=self.graphs,
        )

    @property
    def entities(self) -> dict[str, Parameter]:
        """What a query for entities is limited to, but for where they stand."""
        return _given(
            type=[self._term("type", "type of entity", name) for name in self.filters.type], graph=self.graphs
        )

    @property
    def graphs(self) -> list[str]:
        """The named graphs that are read; none: all."""
        found = []
        for name in self.filters.graph:
            iri = name if "://" in name else GRAPH + name.removeprefix("ckgg:")
            if iri not in self._choices["graph"]:
                raise _unknown("graph", name, [one.removeprefix(GRAPH) for one in self._choices["graph"]])
            found.append(iri)
        return found

    @property
    def directions(self) -> frozenset[str]:
        """The directions that findings may have; none: any."""
        for name in self.filters.direction:
            if ONTOLOGY + name not in self._choices["direction"] and name not in (DENIED, NONE):
                choices = [*map(local, self._choices["direction"]), DENIED, NONE]
                raise _unknown("direction", name, choices)
        return frozenset(self.filters.direction)

    @property
    def centers(self) -> list[str]:
        """The entities that the others stand around."""
        return [self._entity(name) for name in self.filters.center]

    @property
    def without(self) -> frozenset[str]:
        """The entities that are left out."""
        return frozenset(self._entity(name) for name in self.filters.without)

    def check(self) -> None:
        """Raise FilterError when any word stands for nothing."""
        _ = self.findings, self.entities, self.directions, self.centers, self.without

    @cached_property
    def _choices(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.labels.select("export/choices"):
            found[row["role"]].append(row["choice"])
        return found

    def _term(self, role: str, words: str, name: str) -> str:
        iri = name if "://" in name else ONTOLOGY + name.removeprefix("ckg:")
        if iri not in self._choices[role]:
            raise _unknown(words, name, [local(one) for one in self._choices[role]])
        return iri

    def _source(self, name: str) -> str:
        iri = name if "://" in name else ID + name if "/" in name else f"{ID}source/{name}"
        sources = [str(one["id"]) for one in self.labels.entities.values() if one["type"] == "Source"]
        if iri.removeprefix(ID) not in sources:
            raise _unknown("source", name, sources)
        return iri

    def _entity(self, name: str) -> str:
        iri = self.labels.find(name)
        if iri is None:
            raise FilterError(f"there is no entity {name!r}; ids are like treatment/colchicine, or MONDO:0005100")
        return iri


def _given(**parameters: Parameter | None) -> dict[str, Parameter]:
    return {name: value for name, value in parameters.items() if value not in (None, [])}


def _unknown(words: str, name: str, choices: Iterable[str]) -> FilterError:
    return FilterError(f"there is no {words} {name!r}; there are {', '.join(map(contract, choices))}")


def _number(name: str, texts: Sequence[str]) -> int:
    text, *more = texts
    if more or not (text.isascii() and text.isdigit() and len(text) < 5):
        raise FilterError(f"{name} is one whole number, not {', '.join(texts)!r}")
    return int(text)
