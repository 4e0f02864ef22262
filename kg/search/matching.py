"""How a text matches names, from best to worst: the queries to the index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tantivy import Occur, Query

from kg.search.fields import ALL, BEGIN, OWN, SCHEMA, START

#: How a name matches: it is the text; begins with it; has all its words; or does so apart from typing errors.
Match = Literal["exact", "prefix", "word", "fuzzy"]
#: The number of typing errors tolerated from this length on, in characters.
_TOLERATED = ((8, 2), (4, 1))
#: Typing errors are not tolerated in longer texts, for which the automaton becomes large.
_LONG = 100


@dataclass(frozen=True)
class Tier:
    """All matches that are equally good."""

    match: Match
    query: Query


class Tiers:
    """The matches of a text in tiers, from best to worst; the score of a hit is that of its best tier."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words, self.key = words, " ".join(words)
        self._tiers = list(self._strict())

    def tolerate_errors(self) -> None:
        """Add the matches with typing errors."""
        if len(self.key) <= _LONG:
            self._tiers += self._fuzzy()

    def query(self) -> Query:
        """Return the query for all matches."""
        best = len(self._tiers)
        return _any(Query.const_score_query(tier.query, float(best - n)) for n, tier in enumerate(self._tiers))

    def match(self, score: float) -> Match:
        """Return how a hit of [Tiers.query][] matches, by its score."""
        return self._tiers[len(self._tiers) - round(score)].match

    def _strict(self) -> Iterable[Tier]:
        for field in ("label", "name", "close", "broad"):
            yield Tier("exact", _term(field, self.key))
        for names, fields in ((OWN, ("label", "name")), (ALL, ("close", "broad"))):
            yield Tier("prefix", self._start(names, fields))
            *whole, last = self.words
            yield Tier("word", _all([*(_term(f"{names}_word", word) for word in whole), _begins(names, last)]))

    def _start(self, names: str, fields: Iterable[str]) -> Query:
        if len(self.key) <= START:
            return _term(f"{names}_start", self.key)
        return _any(_near(field, self.key, 0, prefix=True) for field in fields)

    def _fuzzy(self) -> Iterable[Tier]:
        tolerated = _tolerated(self.key)
        for errors in range(1, tolerated + 1):
            yield Tier("fuzzy", self._with_numbers(_near("key", self.key, errors)))
        if tolerated and len(self.words) > 1 and len(self.key) <= START:
            starts = _any(_near(f"{names}_start", self.key, tolerated) for names in (OWN, ALL))
            yield Tier("fuzzy", self._with_numbers(starts))
        yield Tier("fuzzy", _any(self._near_words(names) for names in (OWN, ALL)))

    def _with_numbers(self, query: Query) -> Query:
        """Require the numbers of the text as they are: another number means another entity."""
        numbers = {word for word in self.words if word.isnumeric()}
        return _all([query, *(_any(_term(f"{names}_word", word) for names in (OWN, ALL)) for word in sorted(numbers))])

    def _near_words(self, names: str) -> Query:
        *whole, last = self.words
        field, errors = f"{names}_word", _tolerated(last)
        ending = _near(field, last, errors, prefix=True) if errors else _begins(names, last)
        return _all([*(_near(field, word, _tolerated(word)) for word in whole), ending])


def _tolerated(text: str) -> int:
    """Return how many errors are tolerated in a word or key: none in a number.

    >>> [_tolerated(text) for text in ("leg", "hand", "calcinosis", "70000")]
    [0, 1, 2, 0]
    """
    return 0 if text.isnumeric() else next((errors for length, errors in _TOLERATED if len(text) >= length), 0)


def naming(key: str) -> Query:
    """Return the query for entries with a name of their own that is a key: those whose label it is come first."""
    return _any(Query.const_score_query(_term(field, key), score) for field, score in (("label", 2.0), ("name", 1.0)))


def _term(field: str, text: str) -> Query:
    return Query.term_query(SCHEMA, field, text, "basic")


def _near(field: str, text: str, errors: int, *, prefix: bool = False) -> Query:
    if not errors and not prefix:
        return _term(field, text)
    return Query.fuzzy_term_query(SCHEMA, field, text, errors, transposition_cost_one=True, prefix=prefix)


def _begins(names: str, word: str) -> Query:
    return _term(f"{names}_begin", word) if len(word) <= BEGIN else _near(f"{names}_word", word, 0, prefix=True)


def _any(queries: Iterable[Query]) -> Query:
    return Query.disjunction_max_query(list(queries))


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
