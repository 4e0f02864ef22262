"""The groups of a query, with their triple patterns and filters: what a rewriter has to know of its text.

It reads tokens and gives up on what it does not know, so that a query which it cannot read stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.engine.tokens import tokens
from kg.prefixes import expand

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\\]*")
_NUMBER = re.compile(r"\d")
#: What makes a query group, so that the number of solutions matters.
_GROUPS = ("GROUP", "HAVING")
#: How a path is repeated.
_REPEATED = ("*", "+", "?")


class UnreadableError(Exception):
    """The query has something that this module does not know, or is no query."""


class Piece(NamedTuple):
    """A token, with its place in the text."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of some keywords, given in capitals."""
        return self.kind == "word" and self.text.upper() in words


class Pattern(NamedTuple):
    """A triple pattern: the text of its ends, ``[]`` for what is in brackets, and the tokens of its path.

    ``value`` has the place of the object in the text, and ``alone`` is False when the path has several objects.
    """

    subject: str
    path: tuple[Piece, ...]
    object: str
    value: tuple[int, int]
    alone: bool


@dataclass
class Block:
    """Triple patterns with nothing but filters between them, and the place where they begin."""

    start: int
    patterns: list[Pattern] = field(default_factory=list)


@dataclass(eq=False)
class Group:
    """A group graph pattern: its blocks, filters, and the groups in it whose solutions it needs.

    ``once`` is False for a group that may be evaluated for each solution of another, ``fixed`` is True when values,
    expressions or subqueries bind variables in it.
    """

    around: "Group | None"
    once: bool
    blocks: list[Block] = field(default_factory=list)
    filters: list[tuple[Piece, ...]] = field(default_factory=list)
    needed: "list[Group]" = field(default_factory=list)
    fixed: bool = False

    def patterns(self) -> Iterator[Pattern]:
        """Yield the triple patterns that stand in the group itself."""
        return (pattern for block in self.blocks for pattern in block.patterns)

    def nested(self) -> "Iterator[Group]":
        """Yield it and the groups whose solutions it needs."""
        yield self
        for group in self.needed:
            yield from group.nested()

    def enclosing(self) -> "Iterator[Group]":
        """Yield the groups around it, up to the subquery that it is in."""
        if self.around is not None:
            yield self.around
            yield from self.around.enclosing()


@dataclass
class Parsed:
    """What was read of a query: its prologue with the prefixes, and its groups, except those of EXISTS."""

    prologue: str
    prefixes: dict[str, str]
    groups: list[Group]
    #: Whether a further variable would show, as in ``SELECT *``.
    shows_all: bool
    #: Whether the answer has no solution twice, and tells nothing of how often one was found.
    distinct: bool
    #: Whether it has paths whose solutions the engine finds more or less often, as one of their ends is known or both.
    uneven: bool

    def resolve(self, text: str) -> str | None:
        """Return the IRI that a term stands for; None for other terms, and for IRIs that are written in several ways.

        >>> parsed = Parsed("", {"": "urn:x:"}, [], False, False, False)
        >>> parsed.resolve(":y"), parsed.resolve("<y>")
        ('urn:x:y', None)
        """
        iri: str | None = None
        if text == "a":
            iri = expand("rdf:type")
        elif text.startswith("<"):
            iri = text[1:-1]
        elif ":" in text and text[0] not in "\"'_?$":
            prefix, _, local = text.partition(":")
            iri = self.prefixes[prefix] + local if prefix in self.prefixes else None
        return iri if iri is not None and _ABSOLUTE.fullmatch(iri) and "/." not in iri else None


def parse(text: str) -> Parsed:
    """Read a query. Raises UnreadableError."""
    try:
        return _Reader(text).query()
    except IndexError:
        raise UnreadableError("the query ends too early") from None


def split(pieces: Sequence[Piece], *signs: str) -> list[tuple[Piece, ...]]:
    """Return what stands between signs or keywords, those in brackets left out."""
    parts, depth = [list[Piece]()], 0
    for piece in pieces:
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0 and piece.text in signs:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


def steps(path: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """Return the parts of a sequence path; a path of another form is its only part."""
    return [tuple(path)] if len(split(path, "|")) > 1 else split(path, "/")


def names(step: Sequence[Piece]) -> list[str]:
    """Return the predicates of a step that is one, or a choice of several; nothing for any other step."""
    if len(step) > 2 and step[0].text == "(" and step[-1].text == ")":
        step = step[1:-1]
    choices = split(step, "|")
    if all(len(choice) == 1 and (choice[0].kind in ("iri", "name") or choice[0].text == "a") for choice in choices):
        return [choice[0].text for choice in choices]
    return []


def repeated(step: Sequence[Piece]) -> list[str]:
    """Return the predicates of a step ``p*``, ``p+`` or ``(p|q)*``; nothing for any other step."""
    if len(step) < 2 or step[-1].text not in ("*", "+") or len(split(step[:-1], "|")) > 1:
        return []
    return names(step[:-1])


def is_even(step: Sequence[Piece]) -> bool:
    """Tell whether a step has as many solutions when both ends are known as when one is.

    Of a choice, of what is negated and of a sequence in brackets the engine then says only that there is one.
    """
    if step[0].text == "^":
        step = step[1:]
    if step[-1].text in _REPEATED:
        return len(split(step, "|")) == 1 and step[0].text != "!"
    return len(step) == 1


class _Reader:
    """Reads a query, token by token."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._pieces = text, 0, list(_pieces(text))
        self._groups: list[Group] = []
        self._prefixes: dict[str, str] = {}
        self._uneven = False

    @property
    def _piece(self) -> Piece:
        return self._pieces[self._at]

    def _is(self, *texts: str) -> bool:
        return self._piece.text in texts and self._piece.kind != "string"

    def _next(self, expected: str | None = None) -> Piece:
        piece = self._piece
        if expected is not None and piece.text != expected:
            raise UnreadableError(f"{piece.text} where {expected} is due")
        self._at += 1
        return piece

    def query(self) -> Parsed:
        before = self._prologue()
        shows_all = any(
            piece.text == "*" and previous.is_word("SELECT", "DISTINCT", "REDUCED", "DESCRIBE")
            for previous, piece in zip(self._pieces, self._pieces[1:], strict=False)
        )
        form, begin = self._next(), self._at
        self._head()
        distinct = self._is_distinct(form, self._pieces[begin : self._at])
        if form.is_word("CONSTRUCT"):
            if self._pieces[self._at - 1].is_word("WHERE"):
                raise UnreadableError("a template that is the pattern, too")
            self._brackets()
            self._head()
        self._next("{")
        self._group(None, True)
        if any(piece.is_word("VALUES") for piece in self._pieces[self._at :]):
            raise UnreadableError("VALUES after the pattern")
        prologue = self._text[:before]
        return Parsed(prologue, self._prefixes, self._groups, shows_all, distinct, self._uneven)

    def _is_distinct(self, form: Piece, head: Sequence[Piece]) -> bool:
        words = {piece.text.upper() for piece in self._pieces if piece.kind == "word"}
        selects = sum(piece.is_word("SELECT") for piece in self._pieces)
        if not words.isdisjoint(_GROUPS) or selects > form.is_word("SELECT"):
            return False
        if form.is_word("SELECT"):  # without an expression, which may be an aggregate
            return head[0].is_word("DISTINCT") and not any(piece.kind == "open" for piece in head)
        return form.is_word("ASK") or words.isdisjoint(("LIMIT", "OFFSET"))

    def _prologue(self) -> int:
        """Read the declarations; return where they end."""
        while self._piece.is_word("BASE", "PREFIX", "VERSION"):
            if self._next().text.upper() == "PREFIX":
                name = self._next().text.removesuffix(":")
                if name in self._prefixes or self._piece.kind != "iri":
                    raise UnreadableError("a prefix declared twice, or no IRI for it")
                self._prefixes[name] = self._piece.text[1:-1]
            self._next()
        return self._piece.start

    def _head(self) -> None:
        """Skip to the next brace that is in no other bracket."""
        while not self._is("{"):
            if self._piece.kind == "open":
                self._brackets()
            else:
                self._next()

    def _brackets(self) -> tuple[Piece, ...]:
        """Skip a bracket with what is in it, and return that."""
        begin, depth = self._at, 0
        while True:
            piece = self._next()
            depth += (piece.kind == "open") - (piece.kind == "close")
            if depth == 0:
                return tuple(self._pieces[begin : self._at])

    def _group(self, around: Group | None, once: bool) -> Group:
        group = Group(around, once)
        self._groups.append(group)
        block: Block | None = None
        while not self._is("}"):
            if self._is("."):
                self._next()
            elif self._piece.is_word("FILTER"):
                self._next()
                group.filters.append(self._constraint())
            elif self._piece.kind == "word" and not self._is("true", "false") and not _NUMBER.match(self._piece.text):
                self._clause(group, self._next().text.upper())
                block = None
            elif self._is("{"):
                self._nested(group)
                block = None
            else:
                if block is None:
                    block = Block(self._piece.start)
                    group.blocks.append(block)
                self._triples(block)
        self._next("}")
        return group

    def _clause(self, group: Group, word: str) -> None:
        if word in ("OPTIONAL", "MINUS"):
            self._next("{")
            if self._piece.is_word("SELECT"):
                raise UnreadableError("a subquery for each solution")
            self._group(group, False)
        elif word == "GRAPH":
            self._term()
            self._nested(group)
        elif word == "UNION":
            self._nested(group)
        elif word == "BIND":
            self._brackets()
            group.fixed = True
        elif word == "VALUES":
            while not self._is("{"):
                self._brackets() if self._piece.kind == "open" else self._next()
            self._brackets()
            group.fixed = True
        else:
            raise UnreadableError(f"{word} in a pattern")

    def _nested(self, group: Group) -> None:
        self._next("{")
        if not self._piece.is_word("SELECT"):
            group.needed.append(self._group(group, group.once))
            return
        group.fixed = True
        self._head()
        self._next("{")
        self._group(None, group.once)
        while not self._is("}"):
            if self._piece.is_word("VALUES"):
                raise UnreadableError("VALUES after the pattern")
            self._brackets() if self._piece.kind == "open" else self._next()
        self._next("}")

    def _constraint(self) -> tuple[Piece, ...]:
        begin = self._at
        while self._piece.kind != "open":
            self._next()
        self._brackets()
        return tuple(self._pieces[begin : self._at])

    def _triples(self, block: Block) -> None:
        subject = self._term()
        if subject == "[]" and self._is(".", "}"):
            return
        while True:
            path = self._path()
            self._uneven = self._uneven or not all(map(is_even, steps(path)))
            first = len(block.patterns)
            while True:
                begin = self._piece.start
                target = self._term()
                place = begin, self._pieces[self._at - 1].end
                block.patterns.append(Pattern(subject, path, target, place, True))
                if not self._is(","):
                    break
                self._next()
            if len(block.patterns) > first + 1:
                block.patterns[first:] = [pattern._replace(alone=False) for pattern in block.patterns[first:]]
            if not self._is(";"):
                break
            while self._is(";"):
                self._next()
            if not (self._piece.kind in ("iri", "name", "variable") or self._is("a", "^", "!", "(")):
                break
        if not (self._is(".", "}", "{") or self._piece.kind == "word"):
            raise UnreadableError(f"{self._piece.text} after a triple")

    def _term(self) -> str:
        begin = self._piece.start
        if self._piece.kind == "open" and not self._is("{"):
            self._brackets()
            return "[]"
        if self._is("+", "-"):
            self._next()
        piece = self._next()
        if piece.kind == "string":
            if self._piece.kind == "tag":
                self._next()
                if self._is("-"):
                    raise UnreadableError("a direction")
            elif self._is("^^"):
                self._next()
                self._next()
        elif piece.kind == "word":
            if piece.text not in ("true", "false") and not _NUMBER.match(piece.text):
                raise UnreadableError(f"{piece.text} as a term")
        elif piece.kind not in ("iri", "name", "variable"):
            raise UnreadableError(f"{piece.text} as a term")
        return self._text[begin : self._pieces[self._at - 1].end]

    def _path(self) -> tuple[Piece, ...]:
        if self._piece.kind == "variable":
            return (self._next(),)
        found: list[Piece] = []
        while True:
            while self._is("^", "!"):
                found.append(self._next())
            if self._is("("):
                found += self._brackets()
            elif self._piece.kind in ("iri", "name") or self._is("a"):
                found.append(self._next())
            else:
                raise UnreadableError(f"{self._piece.text} as a predicate")
            if self._is(*_REPEATED):
                found.append(self._next())
            if not self._is("/", "|"):
                return tuple(found)
            found.append(self._next())


def _pieces(text: str) -> Iterator[Piece]:
    """Yield the tokens of a query; the points after a name are tokens of their own."""
    for token in tokens(text):
        kind, found, start = token.lastgroup or "", token[0], token.start()
        name = found.rstrip(".") if kind == "name" else found
        yield Piece(kind, name, start, start + len(name))
        for number in range(len(name), len(found)):
            yield Piece("other", ".", start + number, start + number + 1)
