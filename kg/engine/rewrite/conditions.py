"""What the condition of a FILTER says of a variable: which terms it must be one of for the condition to hold."""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from kg.engine.rewrite.groups import Piece, split

#: Patterns that match where their text is, from the begin or to the end.
_TEXT = re.compile(r"\^?(?:\.\*)?([\w ,:;/'%&@-]+)(?:\.\*)?\$?")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
#: Calls that hold only for what contains their second argument.
_SEARCHES = ("CONTAINS", "STRSTARTS", "STRENDS", "REGEX")
#: Operators that end in the sign of equality.
_COMPARISONS = ("!", "<", ">")


class Term(NamedTuple):
    """The term of this text itself: an IRI or a string, of which no other term is the equal."""

    text: str


class Words(NamedTuple):
    """All IRIs and literals that contain a text, or with ``whole`` are that text, in any case or as it is."""

    text: str
    any_case: bool
    whole: bool


#: One of these the variable must be.
Choice: TypeAlias = frozenset[Term | Words]
Conditions: TypeAlias = list[tuple[str, Choice]]


def read_conditions(condition: Sequence[Piece]) -> Conditions:
    """Return what must be true of variables, as far as it is known, for a condition to be true.

    A condition that holds for no variable without a value is needed: each of those found is an error without one.
    """
    pieces = _inner(condition)
    alternatives = split(pieces, "||")
    if len(alternatives) > 1:
        return _either([read_conditions(alternative) for alternative in alternatives])
    together = split(pieces, "&&")
    if len(together) > 1:
        return [found for each in together for found in read_conditions(each)]
    found = _compared(pieces) or _listed(pieces) or _called(pieces)
    return [found] if found else []


def _inner(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return what is in the brackets around everything."""
    while _is_bracket(pieces):
        pieces = pieces[1:-1]
    return pieces


def _is_bracket(pieces: Sequence[Piece]) -> bool:
    """Tell whether the first token opens a bracket that the last one closes."""
    depth = 0
    for number, piece in enumerate(pieces):
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0:
            return piece.text == ")" and number == len(pieces) - 1
    return False


def _either(alternatives: list[Conditions]) -> Conditions:
    """Return what is known of variables about which each alternative says something."""
    known = [dict(reversed(conditions)) for conditions in alternatives]
    shared = set(known[0]).intersection(*known)
    return [(name, frozenset().union(*(each[name] for each in known))) for name in sorted(shared)]


def _compared(pieces: Sequence[Piece]) -> tuple[str, Choice] | None:
    """Read ``?x = <iri>`` and ``STR(?x) = "text"``, in either order."""
    sides = split(pieces, "=")
    if len(sides) != 2 or not all(sides) or sides[0][-1].text in _COMPARISONS:
        return None
    return _equal(*sides) or _equal(*reversed(sides))


def _equal(left: Sequence[Piece], right: Sequence[Piece]) -> tuple[str, Choice] | None:
    left, right = _inner(left), _inner(right)
    if len(left) == 1 and left[0].kind == "variable":
        constant = _constant(right)
        return (left[0].text[1:], frozenset({constant})) if constant else None
    text, operand = _string(right), _operand(left)
    return (operand[0], frozenset({words})) if operand and (words := _words(text, operand[1], True)) else None


def _listed(pieces: Sequence[Piece]) -> tuple[str, Choice] | None:
    """Read ``?x IN (<a>, <b>)``."""
    if len(pieces) < 5 or pieces[0].kind != "variable" or not pieces[1].is_word("IN") or pieces[2].text != "(":
        return None
    constants = [_constant(each) for each in split(pieces[3:-1], ",")]
    return (pieces[0].text[1:], frozenset(each for each in constants if each)) if all(constants) else None


def _called(pieces: Sequence[Piece]) -> tuple[str, Choice] | None:
    """Read ``sameTerm(?x, <iri>)``, ``CONTAINS(LCASE(STR(?x)), "text")`` and the like."""
    call = _call(pieces)
    if call is None or len(call[1]) < 2:
        return None
    name, arguments = call
    if name == "SAMETERM":
        return _equal(*arguments) or _equal(*reversed(arguments)) if len(arguments) == 2 else None
    operand, text = _operand(arguments[0]), _string(arguments[1])
    if name not in _SEARCHES or operand is None or text is None:
        return None
    flags = _string(arguments[2]) if len(arguments) == 3 else ""
    if flags not in ("", "i") or len(arguments) > (3 if name == "REGEX" else 2):
        return None
    texts = _literal_parts(text) if name == "REGEX" else [text]
    found = [_words(each, operand[1] or flags == "i", False) for each in texts]
    return (operand[0], frozenset(each for each in found if each)) if found and all(found) else None


def _call(pieces: Sequence[Piece]) -> tuple[str, list[tuple[Piece, ...]]] | None:
    """Return the name, in capitals, and the arguments of a call of a function of SPARQL that is all there is."""
    if not pieces or pieces[0].kind != "word" or not _is_bracket(pieces[1:]):
        return None
    return pieces[0].text.upper(), split(pieces[2:-1], ",")


def _operand(pieces: Sequence[Piece]) -> tuple[str, bool] | None:
    """Return the variable of ``?x``, ``STR(?x)``, ``LCASE(STR(?x))``, and whether its text is in lower case."""
    pieces = _inner(pieces)
    if len(pieces) == 1 and pieces[0].kind == "variable":
        return pieces[0].text[1:], False
    call = _call(pieces)
    if call is None or call[0] not in ("STR", "LCASE") or len(call[1]) != 1:
        return None
    inner = _operand(call[1][0])
    return (inner[0], inner[1] or call[0] == "LCASE") if inner else None


def _constant(pieces: Sequence[Piece]) -> Term | None:
    """Return an IRI or a string, with or without a language; numbers have equals of other terms."""
    pieces = _inner(pieces)
    kinds = [piece.kind for piece in pieces]
    if kinds in (["iri"], ["name"], ["string"]) and not pieces[0].text.startswith("_:"):
        return Term(pieces[0].text)
    if kinds == ["string", "tag"] and "--" not in pieces[1].text:
        return Term(pieces[0].text + pieces[1].text)
    return None


def _string(pieces: Sequence[Piece]) -> str | None:
    """Return a string without a language; those with an escape are not read."""
    pieces = _inner(pieces)
    if call := _call(pieces):
        inner = _string(call[1][0]) if call[0] == "LCASE" and len(call[1]) == 1 else None
        return inner.lower() if inner is not None and inner.isascii() else None
    if len(pieces) != 1 or pieces[0].kind != "string":
        return None
    text = pieces[0].text
    return None if "\\" in text else text[3:-3] if text[:3] in ('"""', "'''") else text[1:-1]


def _words(text: str | None, any_case: bool, whole: bool) -> Words | None:
    """Return the condition; None for a text that serialised terms write otherwise, or that has other cases."""
    if not text or any(sign in text for sign in '"\\\t\n\r') or (any_case and not text.isascii()):
        return None
    return Words(text.lower() if any_case else text, any_case, whole)


def _literal_parts(pattern: str) -> list[str]:
    """Return the texts of which a match of a regular expression contains one; nothing for other expressions."""
    if match := _IN_BRACKETS.fullmatch(pattern):
        pattern = match[1]
    matches = [_TEXT.fullmatch(part) for part in pattern.split("|")]
    return [match[1] for match in matches if match] if all(matches) else []
