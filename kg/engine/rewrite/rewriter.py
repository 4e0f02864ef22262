"""Inserts the terms that a condition leaves into a query, where counts say that the engine then has less to do."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.engine.rewrite.conditions import Choice, Conditions, Term, Words, read_conditions
from kg.engine.rewrite.groups import (
    Block,
    Group,
    Parsed,
    Pattern,
    Piece,
    UnreadableError,
    names,
    parse,
    repeated,
    steps,
)
from kg.engine.rewrite.terms import Terms
from kg.prefixes import expand

_TYPE = expand("rdf:type")
#: The rules by name, as the header of an answer gives them.
RULES = ("equality", "words", "hierarchy")
#: What a query has that could be rewritten: a filter, or a repeated step of a path. An escape of a character
#: (SPARQL 1.1, section 19.2) could hide anything.
_NEEDED = re.compile(r"\bfilter\b|[\w>)]\s*[*+]", re.IGNORECASE)
_ESCAPE = re.compile(r"\\[uU]")
#: A string without an escape or a quotation mark, and its language.
_PLAIN = re.compile(r"""(?:\"\"\"|'''|"|')([^"'\\\n\r]*)(?:\"\"\"|'''|"|')((?:@.*)?)""")
#: Characters of the longest query that is looked at, and how many ways of rewriting a group: both bound the time.
_LONGEST, _WAYS = 5000, 20
#: How many terms are listed at most, and in how many characters: some texts are long.
_MOST, _LISTED = 1000, 50_000
#: How many triples the terms may match at most, as counting takes a third of a microsecond for each.
_MATCHES = 5000
#: How many triples a pattern must match without them: with fewer, a query is fast anyway.
_LEAST = 1000
#: How many times fewer it must match with them. A filter takes no longer than a term; a path has to be walked.
_GAINS = {"equality": 4, "words": 4, "hierarchy": 1}


class Rewritten(NamedTuple):
    """The text of a query, and the rules that changed it, if any did."""

    text: str
    rules: tuple[str, ...] = ()


class _Insertion(NamedTuple):
    """Some text to put into a query in place of another, which may be empty."""

    start: int
    end: int
    text: str


class _Candidate(NamedTuple):
    """The terms that a variable must be one of, a pattern that gives it a value, and what to change in the query."""

    variable: str
    terms: list[str]
    rules: frozenset[str]
    pattern: "_Step"
    changes: tuple[_Insertion, ...]


class _Step(NamedTuple):
    """A triple pattern, or a step of its path, as text; ``names`` are its predicates when they are known."""

    subject: str
    path: str
    object: str
    #: The predicates; None for a variable.
    names: list[str] | None
    block: Block

    def __str__(self) -> str:
        return f"{self.subject} {self.path} {self.object}"

    def has(self, variable: str) -> bool:
        """Tell whether it gives a variable a value."""
        return any(text[0] in "?$" and text[1:] == variable for text in self[:3])


class Rewriter:
    """Rewrites queries over a store that is filled and does not change any more."""

    def __init__(self, store: ox.Store, *, union: bool, large: bool = False) -> None:
        """Take a store, whether its default graph is the union of all graphs, and whether it is known to be large."""
        self._ask = partial(store.query, use_default_graph_as_union=not union)
        self._terms = Terms(store, union=union, large=large)
        self._remembered = lru_cache(maxsize=100)(self._rewrite)

    def prepare(self) -> None:
        """Read what is otherwise read when it is first needed."""
        if not self._terms.large:
            _ = self._terms.objects, self._terms.totals

    def rewrite(self, text: str, base: str | None) -> Rewritten:
        """Return a query with the same answer: the same solutions, each as often; their order may differ.

        So with LIMIT and without an order that settles it, which ones are returned may differ, too.
        """
        if len(text) > _LONGEST or not _NEEDED.search(text) or _ESCAPE.search(text):
            return Rewritten(text)
        return self._remembered(text, base)

    def _rewrite(self, text: str, base: str | None) -> Rewritten:
        try:
            parsed = parse(text)
            return self._inserted(parsed, text, base) if parsed.distinct or not parsed.uneven else Rewritten(text)
        # What the engine does not read either, or what nests too deeply, is told of when it is evaluated.
        except (UnreadableError, SyntaxError, ValueError, RecursionError):
            return Rewritten(text)

    def _inserted(self, parsed: Parsed, text: str, base: str | None) -> Rewritten:
        chosen = dict[Group, _Candidate]()
        for group in parsed.groups:
            if chosen.keys().isdisjoint(group.enclosing()):
                best = _Search(self._ask, self._terms, parsed, group, base, text).best()
                if best is not None:
                    chosen[group] = best
        for change in sorted((change for each in chosen.values() for change in each.changes), reverse=True):
            text = text[: change.start] + change.text + text[change.end :]
        rules = frozenset[str]().union(*(each.rules for each in chosen.values()))
        return Rewritten(text, tuple(rule for rule in RULES if rule in rules))


@dataclass(frozen=True)
class _Search:
    """Looks for the terms to insert into a group."""

    ask: Callable[..., Any]
    terms: Terms
    parsed: Parsed
    group: Group
    base: str | None
    text: str

    def best(self) -> _Candidate | None:
        """Return the candidate whose terms match the fewest triples, if the engine would not begin with fewer."""
        around = list(self.group.enclosing())
        if not self.group.once or any(group.fixed for group in (*self.group.nested(), *around)):
            return None
        candidates = list(islice(chain(self._by_filter(), self._by_path()), _WAYS))
        if not candidates:
            return None
        others = [step for group in (*self.group.nested(), *around) for step in self._steps(group)]
        gains = [(matches, each) for each in candidates if (matches := self._matches(each, others)) is not None]
        return min(gains, key=lambda gain: gain[0])[1] if gains else None

    def _matches(self, candidate: _Candidate, others: list[_Step]) -> int | None:
        """Return how many triples the terms match; None when the engine gains nothing by them.

        It would begin with the terms, whatever it would have begun with otherwise.
        """
        pattern, gain = candidate.pattern, max(_GAINS[rule] for rule in candidate.rules)
        if not self._matches_more(pattern, _LEAST - 1):
            return None
        listed = f"VALUES ?{candidate.variable} {{ {' '.join(candidate.terms)} }} {pattern}"
        if len(listed) > _LISTED:
            return None
        matches = self._count(listed, _MATCHES + 1)
        if matches > _MATCHES or not self._matches_more(pattern, matches * gain - 1):
            return None
        rivals = [step for step in others if not step.has(candidate.variable)]
        return matches if all(self._matches_more(rival, matches) for rival in rivals) else None

    def _matches_more(self, step: _Step, number: int) -> bool:
        """Tell whether a step matches more triples than a number."""
        if not self.terms.large and all(text == "[]" or text[0] in "?$" for text in (step.subject, step.object)):
            totals = self.terms.totals
            known = totals.values() if step.names is None else [totals.get(iri, 0) for iri in self._iris(step)]
            return sum(known) > number
        return self._count(str(step), number + 1) > number

    def _count(self, pattern: str, most: int) -> int:
        """Return how many solutions a pattern has, or ``most`` when it has more."""
        text = f"{self.parsed.prologue} SELECT (COUNT(*) AS ?n) {{ SELECT * {{ {pattern} }} LIMIT {most} }}"
        (solution,) = self.ask(text, base_iri=self.base)
        return int(solution["n"].value)

    def _steps(self, group: Group) -> Iterator[_Step]:
        """Yield the triple patterns of a group by steps, without those that are no choice of predicates."""
        for block in group.blocks:
            for pattern in block.patterns:
                yield from _steps(pattern, block)

    def _by_filter(self) -> Iterator[_Candidate]:
        conditions = [found for condition in self.group.filters for found in read_conditions(condition)]
        for variable, choice in conditions:
            for step in self._steps(self.group):
                if step.has(variable) and (terms := self._listed(variable, choice, step, conditions)) is not None:
                    kinds = frozenset("equality" if isinstance(each, Term) else "words" for each in choice)
                    values = f"VALUES ?{variable} {{ {' '.join(terms)} }} "
                    change = _Insertion(step.block.start, step.block.start, values)
                    yield _Candidate(variable, terms, kinds, step, (change,))

    def _listed(self, variable: str, choice: Choice, step: _Step, conditions: Conditions) -> list[str] | None:
        """Return the terms of a choice, each once; None when they are too many, or not known."""
        terms = [self._canonical(each.text) for each in choice if isinstance(each, Term)]
        words = [each for each in choice if isinstance(each, Words)]
        if None in terms:
            return [each.text for each in choice if isinstance(each, Term)] if len(choice) == 1 else None
        if words:
            if len(words) > _WAYS or step.object[1:] != variable:
                return None
            predicates = self._predicates(step, conditions)
            found = self.terms.containing(words, predicates, _MOST) if predicates != [] else None
            if found is None:
                return None
            terms += found
        return sorted({term for term in terms if term}) if len(terms) <= _MOST else None

    def _predicates(self, step: _Step, conditions: Conditions) -> list[str] | None:
        """Return the IRIs of the predicates of a step, None for any; nothing when they are not known."""
        names = step.names
        if names is None:
            listed = next((choice for variable, choice in conditions if variable == step.path[1:]), None)
            if listed is None or not all(isinstance(each, Term) for each in listed):
                return None
            names = [each.text for each in listed]
        found = [iri for name in names if (iri := self.parsed.resolve(name))]
        return found if len(found) == len(names) else []

    def _iris(self, step: _Step) -> list[str]:
        """Return the predicates of a step, as far as they are known."""
        return [iri for name in step.names or () if (iri := self.parsed.resolve(name))]

    def _canonical(self, text: str) -> str | None:
        """Return the one way in which a term is written, so that none is listed twice; None when it is not known."""
        if text[0] not in "\"'":
            iri = self.parsed.resolve(text)
            return f"<{iri}>" if iri else None
        match = _PLAIN.fullmatch(text)
        return f'"{match[1]}"{match[2].lower()}' if match else None

    def _by_path(self) -> Iterator[_Candidate]:
        """Yield what repeated paths to an IRI say of what they begin with.

        The engine begins with such a path itself, except where another pattern seems as good to it: that is, any with a
        predicate other than ``rdf:type``. It begins well with paths from an IRI.
        """
        for block in self.group.blocks:
            for pattern in block.patterns:
                parts = steps(pattern.path)
                wanted = repeated(parts[-1])
                iris = [iri for iri in map(self.parsed.resolve, (pattern.object, *wanted)) if iri]
                terms = self.terms.below(tuple(iris[1:]), iris[0], _MOST) if 0 < len(wanted) < len(iris) else None
                if terms and len(parts) == 1:
                    yield from self._by_end(pattern, terms)
                elif terms and pattern.alone and not self.parsed.shows_all:
                    yield from self._by_step(pattern, terms, block)

    def _by_end(self, pattern: Pattern, terms: list[str]) -> Iterator[_Candidate]:
        """Yield what a path from a variable says of it, for each pattern that it is in."""
        variable = pattern.subject
        for step in self._steps(self.group) if variable[0] in "?$" else ():
            if step.has(variable[1:]) and _TYPE not in self._iris(step):
                change = _Insertion(step.block.start, step.block.start, f"VALUES {variable} {{ {' '.join(terms)} }} ")
                yield _Candidate(variable[1:], terms, frozenset({"hierarchy"}), step, (change,))

    def _by_step(self, pattern: Pattern, terms: list[str], block: Block) -> Iterator[_Candidate]:
        """Yield what the last step of a path says of the term before it, for which there has to be a variable."""
        *first, before, last = steps(pattern.path)
        variable = "between"
        while variable in self.text:
            variable += "_"
        path = "".join(f"{piece.text} " for piece in last)
        inserted = f"VALUES ?{variable} {{ {' '.join(terms)} }} ?{variable} {path}{pattern.object} . "
        changes = (
            _Insertion(block.start, block.start, inserted),
            _Insertion(before[-1].end, last[-1].end, ""),
            _Insertion(*pattern.value, f"?{variable}"),
        )
        subject = pattern.subject if not first else "[]"
        step = _Step(subject, _written(before), f"?{variable}", names(before), block)
        if step.names and _TYPE not in self._iris(step):
            yield _Candidate(variable, terms, frozenset({"hierarchy"}), step, changes)


def _steps(pattern: Pattern, block: Block) -> Iterator[_Step]:
    """Yield the steps of a pattern; what is between two of them is nothing that another pattern has."""
    parts = steps(pattern.path)
    ends = [pattern.subject, *("[]" for _ in parts[1:]), pattern.object]
    for number, part in enumerate(parts):
        variable = part[0].kind == "variable"
        step = _Step(ends[number], _written(part), ends[number + 1], None if variable else names(part), block)
        variables = [text for text in step[:3] if text[0] in "?$"]
        # A variable that stands twice takes a search, and other paths may take long.
        if (variable or step.names) and len(set(variables)) == len(variables):
            yield step


def _written(step: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in step)
