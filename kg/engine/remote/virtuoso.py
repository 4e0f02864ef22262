"""What is changed in a query so that Virtuoso answers as the standard says; each change asks the same otherwise.

- A path with ``*`` or ``+`` gives a pair of ends once (SPARQL 1.1, section 18.4); Virtuoso gives it once for each way
  that leads there, and fails where it sees no end to start from. So the pairs of ``p`` are asked for, and ``?a p* ?b``
  becomes the pairs of ends as VALUES; a path around it becomes the joins and unions that it stands for (section
  18.2.2.4). Of ``*`` each term is a pair with itself, whatever it is: so one end has to be known, or to be between two
  steps, where ``p*/q`` is ``q`` or ``p+/q``. Where there is no such end, or where there are too many pairs, it becomes
  ``{ SELECT DISTINCT ?a ?b WHERE { ?a p* ?b } }``, for which Virtuoso may still find a start.
- Within EXISTS, of which Virtuoso may forget a part, a path to a known end becomes ``?a IN (...)``; others stay.
- A column of VALUES that has one value in all rows, on which its compiler fails, becomes a VALUES of its own.
- A truth value that is computed is 1 or 0 in its answers: `truths` names the variables that have one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import pyoxigraph as ox

from kg.engine.remote.brackets import Edits, Tokens
from kg.engine.remote.faults import refuse_faults
from kg.engine.remote.rewrite import OURS
from kg.engine.tokens import is_keyword, read_head
from kg.errors import UnsupportedError

#: Returns the solutions of a query for two variables, as terms in SPARQL; None when there are too many.
Pairs = Callable[[str], Sequence[tuple[str, str]] | None]

#: Rows of VALUES that a path becomes at most.
MAX_ROWS = 1000
_MODIFIERS = frozenset({"*", "+", "?"})
_GROUPS = ("OPTIONAL", "UNION", "MINUS", "NOT", "EXISTS", "WHERE", "LATERAL")


def adapt(text: str, pairs: Pairs) -> str:
    """Return a query that means the same, in words that Virtuoso understands; ``pairs`` asks for those of a path.

    >>> def pairs(query: str) -> list[tuple[str, str]]:
    ...     return [("<urn:1>", "<urn:2>"), ("<urn:2>", "<urn:3>")]
    >>> adapt("SELECT * WHERE { ?a <urn:p>/<urn:q>* <urn:3> ; a ?c }", pairs)
    'SELECT * WHERE { ?a a ?c . ?a <urn:p> ?_kgp1 . VALUES ?_kgp1 { <urn:3> <urn:2> <urn:1> } }'
    >>> adapt('SELECT * WHERE { VALUES (?a ?b) { (<urn:x> 1) (<urn:x> 2) } }', pairs)
    'SELECT * WHERE { VALUES ?a { <urn:x> } VALUES ?b { 1 2 } }'
    """
    refuse_faults(text)
    return _Adaptation(text, pairs).apply()


#: Functions that return a truth value, and the operators that do.
_TRUTHS = frozenset(
    (
        "EXISTS NOT BOUND ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX CONTAINS STRSTARTS STRENDS LANGMATCHES SAMETERM"
    ).split()
)
_COMPARE = frozenset({"=", "<", ">", "!", "&&", "||", "IN"})


def truths(text: str) -> frozenset[str]:
    """Return the variables that a query gives a truth value that it computes.

    >>> sorted(truths("SELECT (?x = 1 AS ?is) (COUNT(?y) AS ?n) { BIND(EXISTS { ?x ?p ?y } AS ?has) }"))
    ['has', 'is']
    """
    found, named = Tokens(text), set[str]()
    for opening, closing in found.closing.items():
        inner = found.all[opening + 1 : closing]
        if len(inner) < 3 or not is_keyword(inner[-2], "AS") or found.all[opening][0] != "(":
            continue
        at, words = opening + 1, list[str]()
        while at < closing - 2:  # the words of the expression itself, not of what is in brackets
            words.append(found.all[at][0].upper())
            at = found.closing.get(at, at) + 1
        whole = len(words) == 2 and words[0] in ("(", "!")
        if words[0] in _TRUTHS or whole or not _COMPARE.isdisjoint(words):
            named.add(inner[-1][0][1:])
    return frozenset(named)


@dataclass(frozen=True)
class _Path:
    """A path as written, and whether anything in it is repeated; of a sequence, choice or inverse its parts."""

    text: str
    repeated: bool = False
    kind: str = ""
    parts: "tuple[_Path, ...]" = ()
    #: Leaves out what is a pair with itself.
    strict: bool = False


class _Adaptation:
    """One reading of a query by its tokens."""

    def __init__(self, text: str, pairs: Pairs) -> None:
        self._pairs, self._prologue = pairs, read_head(text).prologue
        #: The values that variables have by VALUES of this group and those around it.
        self._known: list[dict[str, list[str]]] = []
        #: The graph that is asked; None when a variable names it.
        self._graphs: list[str | None] = [""]
        #: Whether it makes no difference how often a solution comes: by the SELECT that is read, or inside EXISTS.
        self._once = self._inside = False
        self._found, self._edits, self._numbers = Tokens(text), Edits(text), count(1)
        self._tokens, self._closing = self._found.all, self._found.closing

    def apply(self) -> str:
        """Return the changed text."""
        at = 0
        while at < len(self._tokens):
            if is_keyword(self._tokens[at], "SELECT", "ASK"):
                self._once = self._is_once(at)
            elif self._tokens[at][0] == "{":
                self._group(at)
                at = self._closing[at]
            elif is_keyword(self._tokens[at], "VALUES"):
                at = self._values(at) - 1
            at += 1
        return self._edits.apply()

    def _group(self, opening: int) -> None:
        """Read a group in braces, or what stands in a template."""
        if is_keyword(self._tokens[opening + 1], "SELECT"):
            outside = self._known, self._once
            self._known, self._once = [], self._is_once(opening + 1)  # a variable in there may be another one
            self._read_group(opening)
            self._known, self._once = outside
        else:
            self._known.append(self._known_in(opening))
            self._read_group(opening)
            self._known.pop()

    def _is_once(self, at: int) -> bool:
        """Tell whether duplicates make no difference to a query, by its first words."""
        if is_keyword(self._tokens[at], "ASK"):
            return True
        head = list[str]()
        distinct = is_keyword(self._tokens[at + 1], "DISTINCT")
        while self._tokens[at][0] != "{":
            head.append(self._tokens[at][0].upper())
            at += 1
        rest = [token[0].upper() for token in self._tokens[self._closing[at] :][:6]]
        return distinct and "(" not in head and "GROUP" not in rest

    def _known_in(self, opening: int) -> dict[str, list[str]]:
        """Return the variables with a VALUES of their own in a group, and their values."""
        known, at = dict[str, list[str]](), opening + 1
        while at < self._closing[opening]:
            if is_keyword(self._tokens[at], "VALUES"):
                names, rows, _ = self._read_values(at)
                for name, column in zip(names, zip(*rows, strict=True), strict=False):
                    if "UNDEF" not in map(str.upper, column):
                        known[name[1:]] = list(dict.fromkeys(map(self._resolve, column)))
            at = self._closing.get(at, at) + 1
        return known

    def _read_group(self, opening: int) -> None:
        at, end = opening + 1, self._closing[opening]
        if at < end and is_keyword(self._tokens[at], "SELECT"):
            while self._tokens[at][0] != "{":
                at = self._expression(at)
            self._group(at)
            at = self._closing[at] + 1
            while at < end:
                at = self._values(at) if is_keyword(self._tokens[at], "VALUES") else self._expression(at)
            return
        while at < end:
            at = self._element(at, end)

    def _element(self, at: int, end: int) -> int:
        """Read an element of a group; return where the next one begins."""
        token = self._tokens[at]
        if token[0] == "{":
            self._group(at)
            return self._closing[at] + 1
        if is_keyword(token, "GRAPH"):
            named = self._tokens[at + 1]
            self._graphs.append(None if named.lastgroup == "variable" else named[0])
            self._group(at + 2)
            self._graphs.pop()
            return self._closing[at + 2] + 1
        if token[0] == ".":
            return at + 1
        if is_keyword(token, "VALUES"):
            return self._values(at)
        if is_keyword(token, "FILTER", "BIND"):
            if is_keyword(token, "FILTER") and (after := self._exists_in_filter(at + 1, end)):
                return after
            at += 1
            while at < end and self._tokens[at].lastgroup != "open":
                at += 1
            return self._expression(at)
        if is_keyword(token, *_GROUPS):
            return at + 1
        return self._statement(at, end)

    def _expression(self, at: int) -> int:
        """Read a token of an expression or all of a bracket, with the groups of EXISTS in it; return what is next."""
        if self._tokens[at][0] == "{":
            self._exists(at)
        elif at in self._closing:
            inner = at + 1
            while inner < self._closing[at]:
                inner = self._expression(inner)
        return self._closing.get(at, at) + 1

    def _exists(self, opening: int) -> None:
        """Read a group of EXISTS, where a pair may come several times."""
        outside, self._inside = self._inside, True
        self._group(opening)
        self._inside = outside

    def _exists_in_filter(self, at: int, end: int) -> int | None:
        """Make ``?a IN (...)`` of an EXISTS that only asks from where a path leads; return what comes after it.

        It may be a choice of such paths and of filters. None when it is anything else.
        """
        first, denied = at, is_keyword(self._tokens[at], "NOT")
        at += denied
        if not is_keyword(self._tokens[at], "EXISTS"):
            return None
        opening, branches, at = at + 1, list[int](), at + 2
        while self._tokens[at][0] == "{":
            branches.append(at)
            at = self._closing[at] + 1
            at += is_keyword(self._tokens[at], "UNION")
        if branches and at != self._closing[opening]:
            return None
        conditions = [self._condition(branch, end) for branch in branches or [opening]]
        if not all(conditions):
            return None
        closing = self._closing[opening]
        written = f"{'!' * denied}({' || '.join(map(str, conditions))})"
        self._edits.replace(self._tokens[first].start(), self._tokens[closing].end(), f"({written})")
        return closing + 1

    def _condition(self, opening: int, end: int) -> str | None:
        """Return the condition that a group stands for, which has one path to a known end, or one filter."""
        at, closing = opening + 1, self._closing[opening]
        if is_keyword(self._tokens[at], "FILTER") and self._closing.get(at + 1) == closing - 1:
            inside = self._text(at + 1, closing)
            return None if "EXISTS" in inside.upper() else inside
        subject = self._tokens[at]
        if subject.lastgroup != "variable" or at + 1 >= closing or not self._binds(subject[0], opening, end):
            return None
        path, at = self._choice(at + 1)
        last = self._term(at)
        if path.kind not in ("*", "+") or (last != closing and self._text(last, closing) != "."):
            return None
        object_ = self._text(at, last)
        table = None if object_[0] in "?$" else self._table(subject[0], path, object_)
        values = table and re.fullmatch(r"VALUES \S+ \{ (.*) \}", table)
        return f"{subject[0]} IN ({', '.join(values[1].split(' '))})" if values else None

    def _binds(self, variable: str, inner: int, end: int) -> bool:
        """Tell whether a triple of the group that ends there has a variable, so that it is bound before its filters."""
        start = next(opening for opening, closing in self._closing.items() if closing == end and opening < inner)
        at = start + 1
        while at < end:
            if is_keyword(self._tokens[at], "FILTER", "BIND", "VALUES"):
                while self._tokens[at].lastgroup != "open":
                    at += 1
            elif self._tokens[at][0] == variable:
                return True
            at = self._closing.get(at, at) + 1
        return False

    # --- triples

    def _statement(self, at: int, end: int) -> int:
        """Read the triples of one subject."""
        first, at = at, self._term(at)
        subject, plain, repeated = self._text(first, at), list[str](), list[tuple[_Path, str]]()
        while at < end and not self._ends_statement(at):
            if self._tokens[at][0] == ";":
                at += 1
                continue
            verb, (path, at) = at, self._choice(at)
            objects, object_ = at, list[str]()
            while True:
                start, at = at, self._term(at)
                object_.append(self._text(start, at))
                if at >= end or self._tokens[at][0] != ",":
                    break
                at += 1
            if path.repeated and not self._stays(path, object_, subject):
                repeated += [(path, one) for one in object_]
            else:
                plain.append(f"{self._text(verb, objects)} {self._text(objects, at)}")
        if repeated:
            patterns = [f"{subject} {' ; '.join(plain)}"] if plain else []
            patterns += [self._pattern(subject, path, one) for path, one in repeated]
            follows = at < end and self._tokens[at][0] != "."
            last = self._tokens[at - 1].end()
            self._edits.replace(self._tokens[first].start(), last, " . ".join(patterns) + " ." * follows)
        return at

    def _stays(self, path: _Path, objects: Sequence[str], subject: str) -> bool:
        """Tell whether a path may be left to Virtuoso, as it makes no difference how often a pair comes."""
        return self._inside or (
            self._once and all(self._values_of(end) is None for end in (subject, *objects) if end[0] in "?$")
        )

    def _ends_statement(self, at: int) -> bool:
        token = self._tokens[at]
        return token[0] in (".", "{") or is_keyword(token, "VALUES", "FILTER", "BIND", "GRAPH", *_GROUPS)

    def _term(self, at: int) -> int:
        """Return what comes after a term: a variable, an IRI, a literal, or brackets."""
        if self._tokens[at][0] in ("+", "-"):
            at += 1
        at = self._closing.get(at, at) + 1
        while at < len(self._tokens) and (self._tokens[at].lastgroup == "tag" or self._tokens[at][0] == "^^"):
            at += 2 if self._tokens[at][0] == "^^" else 1
        return at

    def _choice(self, at: int) -> tuple[_Path, int]:
        return self._joined(at, "|", self._sequence)

    def _sequence(self, at: int) -> tuple[_Path, int]:
        return self._joined(at, "/", self._step)

    def _joined(self, at: int, sign: str, read: Callable[[int], tuple[_Path, int]]) -> tuple[_Path, int]:
        first = at
        part, at = read(at)
        parts = [part]
        while self._tokens[at][0] == sign:
            part, at = read(at + 1)
            parts.append(part)
        if len(parts) == 1:
            return part, at
        return _Path(self._text(first, at), any(one.repeated for one in parts), sign, tuple(parts)), at

    def _step(self, at: int) -> tuple[_Path, int]:
        first = at
        if self._tokens[at][0] == "^":
            inner, at = self._step(at + 1)
            return _Path(self._text(first, at), inner.repeated, "^", (inner,)), at
        if self._tokens[at][0] == "!":
            at += 1
            if self._tokens[at][0] == "^":
                at += 1
            at = self._closing.get(at, at) + 1
            return _Path(self._text(first, at)), at
        if self._tokens[at][0] == "(":
            inner, at = self._choice(at + 1)
            at += 1
        else:
            inner, at = _Path(self._tokens[at][0]), at + 1
        if self._tokens[at][0] not in _MODIFIERS:
            return inner, at
        if inner.repeated:
            raise UnsupportedError("Virtuoso cannot answer a path that repeats what repeats itself, such as (p*/q)*")
        return _Path(self._text(first, at + 1), True, self._tokens[at][0], (inner,)), at + 1

    def _pattern(self, subject: str, path: _Path, object_: str) -> str:
        """Return the pattern that a path stands for."""
        if not path.repeated:
            return f"{subject} {path.text} {object_}"
        if path.kind in _MODIFIERS:
            if (table := self._table(subject, path, object_)) is not None:
                return table
            if path.kind == "?" and not path.parts[0].kind:  # a single step that is taken or not: no two ways
                return f"{subject} {path.text} {object_}"
            ends = " ".join(dict.fromkeys(one for one in (subject, object_) if one[0] in "?$"))
            return f"{{ SELECT DISTINCT {ends or '*'} WHERE {{ {subject} {path.text} {object_} }} }}"
        if path.kind == "^":
            return self._pattern(object_, path.parts[0], subject)
        if path.kind == "|":
            return " UNION ".join(f"{{ {self._pattern(subject, part, object_)} }}" for part in path.parts)
        for at, part in enumerate(path.parts):
            start_known = at == 0 and self._values_of(subject) is not None
            end_known = at == len(path.parts) - 1 and self._values_of(object_) is not None
            if part.kind in ("*", "?") and not start_known and not end_known and not part.strict:
                return self._without_or_with(subject, path, at, object_)
        between = [f"?{OURS}p{next(self._numbers)}" for _ in path.parts[1:]]
        ends_of = zip((subject, *between), path.parts, (*between, object_), strict=True)
        return " . ".join(self._pattern(start, part, end) for start, part, end in ends_of)

    def _without_or_with(self, subject: str, path: _Path, at: int, object_: str) -> str:
        """Return a sequence without one of its steps, or with it where it leads from one term to another."""
        step = path.parts[at]
        others = (*path.parts[:at], *path.parts[at + 1 :])
        without = others[0] if len(others) == 1 else replace(path, parts=others)
        if len(others) > 1:
            joined = "/".join(f"({part.text})" for part in others)
            without = _Path(joined, any(part.repeated for part in others), "/", others)
        strict = replace(step, strict=True)
        whole = replace(path, parts=(*path.parts[:at], strict, *path.parts[at + 1 :]))
        return f"{{ {self._pattern(subject, without, object_)} }} UNION {{ {self._pattern(subject, whole, object_)} }}"

    # --- paths that repeat

    def _table(self, subject: str, path: _Path, object_: str) -> str | None:
        """Return the ends of a repeated step as inline data; None when that cannot be had."""
        graph, starts, ends = self._graphs[-1], self._values_of(subject), self._values_of(object_)
        if graph is None or (path.kind != "+" and not path.strict and starts is None and ends is None):
            return None
        triple = f"?a {path.parts[0].text} ?b"
        pattern = f"GRAPH {graph} {{ {triple} }}" if graph else triple
        pairs = self._pairs(f"{self._prologue}\nSELECT DISTINCT ?a ?b WHERE {{ {pattern} }}")
        if pairs is None:
            return None
        if ends is not None:
            found = [(start, end) for end, start in _reach([(b, a) for a, b in pairs], ends, path)]
            rows = [row for row in found if starts is None or row[0] in starts]
        else:
            rows = _reach(pairs, starts if starts is not None else list(dict.fromkeys(a for a, _ in pairs)), path)
        variables = [one[0] in "?$" for one in (subject, object_)]
        if subject == object_:
            rows, variables = [row for row in rows if row[0] == row[1]], [True, False]
        if len(rows) > MAX_ROWS or not any(variables):
            return None
        names = [one for one, variable in zip((subject, object_), variables, strict=True) if variable]
        kept = [[term for term, variable in zip(row, variables, strict=True) if variable] for row in rows]
        return _inline(names, kept) if kept else "FILTER(1 = 2)"

    def _values_of(self, term: str) -> list[str] | None:
        """Return what a term can be: itself, or what VALUES say of a variable; None when that is not known."""
        if term[0] in "?$":
            return next((known[term[1:]] for known in reversed(self._known) if term[1:] in known), None)
        return [self._resolve(term)]

    def _resolve(self, term: str) -> str:
        """Return a term of the query with its IRI in full."""
        turtle = f"{self._prologue}\n<urn:x> <urn:x> {term} ."
        try:
            return next(str(quad.object) for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE))
        except SyntaxError:  # a triple term
            return term

    # --- inline data

    def _values(self, at: int) -> int:
        """Read inline data; return what comes after."""
        names, rows, end = self._read_values(at)
        if len(names) > 1 and rows:
            written = _inline(names, rows)
            if written.count("VALUES") != 1 or not written.startswith("VALUES ("):
                self._edits.replace(self._tokens[at].start(), self._tokens[end - 1].end(), written)
        return end

    def _read_values(self, at: int) -> tuple[list[str], list[list[str]], int]:
        """Return the variables of inline data, their rows, and where they end."""
        at += 1
        if self._tokens[at][0] != "(":
            opening, names = at + 1, [self._tokens[at][0]]
            return names, [[term] for term in self._terms(opening)], self._closing[opening] + 1
        names = [token[0] for token in self._tokens[at + 1 : self._closing[at]]]
        opening = self._closing[at] + 1
        rows = [list(self._terms(row)) for row in range(opening, self._closing[opening]) if self._tokens[row][0] == "("]
        return names, rows, self._closing[opening] + 1

    def _terms(self, opening: int) -> Iterator[str]:
        at = opening + 1
        while at < self._closing[opening]:
            first, at = at, self._term(at)
            yield self._text(first, at)

    def _text(self, first: int, last: int) -> str:
        """Return tokens from one to before another."""
        return self._found.text[self._tokens[first].start() : self._tokens[last - 1].end()]


def _reach(pairs: Sequence[tuple[str, str]], starts: Sequence[str], path: _Path) -> list[tuple[str, str]]:
    """Return from where to where a step that is repeated leads, from each of some terms."""
    steps: dict[str, list[str]] = {}
    for start, end in pairs:
        steps.setdefault(start, []).append(end)
    rows = []
    for start in starts:
        found = dict.fromkeys([start] if path.kind != "+" else [])
        ends = list(steps.get(start, ()))
        while ends:
            end = ends.pop(0)
            if end not in found or (end == start and path.kind == "?"):
                found[end] = None
                ends += steps.get(end, ()) if path.kind != "?" else ()
        rows += [(start, end) for end in found if not (path.strict and end == start)]
    return rows


def _inline(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write inline data, each column that is the same in all rows by itself."""
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    alone = {name: column[0] for name, column in columns.items() if len({*column}) == 1 and len(names) > 1}
    rest = [name for name in names if name not in alone]
    if not rest and len(rows) > 1:  # the same row several times
        rest, alone = list(names), {}
    parts = [f"VALUES {name} {{ {term} }}" for name, term in alone.items() if term.upper() != "UNDEF"]
    if len(rest) == 1:
        parts.append(f"VALUES {rest[0]} {{ {' '.join(columns[rest[0]])} }}")
    elif rest:
        data = " ".join(f"({' '.join(row)})" for row in zip(*(columns[name] for name in rest), strict=True))
        parts.append(f"VALUES ({' '.join(rest)}) {{ {data} }}")
    return " ".join(parts)
