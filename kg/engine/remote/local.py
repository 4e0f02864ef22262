"""What another engine lacks, computed here: the pattern of a query is asked, the rest is done on rows.

A SELECT is a pattern in braces with what is done with its solutions around it: expressions, groups, order. The pattern
is sent as ``SELECT ?a ?b WHERE { ... }``; its solutions take its place as VALUES, and an engine over nothing evaluates
the whole. So the statistics functions work in SELECT, HAVING and ORDER BY, in sub-queries too, and in the filters and
BINDs that end a pattern. Elsewhere, as in an OPTIONAL, they are refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import pyoxigraph as ox

from kg.engine.base import FORMATS, Engine, Query
from kg.engine.embedded import Results, dataset_of_text
from kg.engine.functions import AGGREGATES, FUNCTIONS
from kg.engine.remote.brackets import Tokens
from kg.engine.remote.releases import BLANK
from kg.engine.remote.results import read_results
from kg.engine.remote.rewrite import without_from
from kg.engine.tokens import is_keyword, read_head
from kg.errors import SizeLimitError, UnsupportedError
from kg.prefixes import FUNCTION

#: Solutions of a pattern that are taken over at most.
MAX_ROWS = 100_000
_NAMES = "|".join(row.name for row in (*FUNCTIONS, *AGGREGATES))
_PREFIX = re.compile(rf"(?i:PREFIX)\s+([\w.-]*):\s*<{re.escape(FUNCTION)}>")


def compute(query: Query, request: Callable[[Query], Results], local: Engine) -> Results | None:
    """Return the answer to a query of which something has to be computed here; None for any other.

    That is a call of a function of the project. Raises UnsupportedError for a call where it cannot be computed.
    """
    prologue = read_head(query.text).prologue
    if not _calls(prologue, query.text):
        return None
    if query.default_graphs is None and query.named_graphs is None and (dataset := dataset_of_text(query)):
        query = replace(query, default_graphs=tuple(dataset[0]), named_graphs=tuple(dataset[1]))
    query = replace(query, text=without_from(query.text))
    while (select := _innermost(query.text)) is not None:
        rows = _ask(select, query, request)
        text = select.with_values(rows)
        if select.outermost:
            body = local.answer(Query(text, base=query.base), (FORMATS["json"], FORMATS["nt"]))
            if body.format.kind == "graph":
                return [quad.triple for quad in ox.parse(body.read(), format=ox.RdfFormat.N_TRIPLES)]
            return read_results(body.read(), (), faithful=True)
        answer = local.answer(Query(prologue + text, base=query.base), (FORMATS["json"],)).read()
        table = _table(ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON))
        query = replace(query, text=select.replaced(table))
    if _calls(prologue, query.text):
        raise UnsupportedError(
            "a function of calcikg stands where a remote engine would have to know it: use it in SELECT, HAVING or "
            "ORDER BY, or in a FILTER or BIND at the end of the pattern"
        )
    return request(query)


def _calls(prologue: str, text: str) -> bool:
    """Tell whether a part of a query calls a function of the project; a property may have the same last part."""
    if FUNCTION not in prologue + text:
        return False
    prefixes = "|".join(map(re.escape, _PREFIX.findall(prologue)))
    written = rf"<{re.escape(FUNCTION)}(?:{_NAMES})>" + (
        rf"|(?<![\w.-])(?:{prefixes}):(?:{_NAMES})(?![\w-])" * bool(prefixes)
    )
    return re.search(written, text) is not None


@dataclass(frozen=True)
class _Select:
    """A SELECT in a text: where it begins and ends, the braces of its pattern, and what is left of that to be asked."""

    text: str
    prologue: str
    start: int
    end: int
    opening: int
    closing: int
    asked: str
    kept: str
    outermost: bool

    def names(self) -> list[str]:
        """Return the variables of the pattern that what is done with its solutions needs; all for ``*``."""
        around = self.text[self.start : self.opening] + self.text[self.closing : self.end] + self.kept
        inside = {token[0][1:] for token in Tokens(self.asked).all if token.lastgroup == "variable"}
        found = Tokens(around).all
        if any(is_keyword(one, "SELECT") and two[0] == "*" for one, two in pairwise(found)):
            return sorted(inside)
        return [name for name in sorted(inside) if any(token[0][1:] == name for token in found if token[0][0] in "?$")]

    def with_values(self, values: str) -> str:
        """Return it over solutions."""
        prologue = self.prologue if self.outermost else ""
        return (
            f"{prologue}{self.text[self.start : self.opening]}{{ {values} {self.kept} }}"
            f"{self.text[self.closing + 1 : self.end]}"
        )

    def replaced(self, values: str) -> str:
        """Return the text around it, with its solutions in its place."""
        return f"{self.text[: self.start]} {values} {self.text[self.end :]}"


def _innermost(text: str) -> _Select | None:
    """Return a SELECT of which something has to be computed, and whose pattern can be asked as it is."""
    found, prologue = Tokens(text), read_head(text).prologue
    for index in sorted(found.where("SELECT", "CONSTRUCT", "ASK"), reverse=True):
        opening = _pattern(found, index)
        if opening is None:
            continue
        closing = found.closing[opening]
        outer = [start for start, end in found.closing.items() if start < index < end]
        last = found.closing[max(outer)] if outer else len(found.all)
        first = found.all[index].start()
        end = found.all[last].start() if outer else len(text)
        head = text[first : found.all[opening].start()]
        tail = text[found.all[closing].end() : end]
        inside = text[found.all[opening].end() : found.all[closing].start()]
        asked, kept = _divide(found, opening, prologue) if _calls(prologue, inside) else (inside, "")
        around = head + tail
        if _calls(prologue, around + kept) and not _calls(prologue, asked):
            return _Select(
                text,
                prologue,
                first,
                end,
                found.all[opening].start(),
                found.all[closing].start(),
                asked,
                kept,
                not outer,
            )
    return None


def _pattern(found: Tokens, index: int) -> int | None:
    """Return where the pattern of a query form begins; of CONSTRUCT it is the group after the template."""
    construct = is_keyword(found.all[index], "CONSTRUCT")
    at = index + 1
    while at < len(found.all):
        if found.all[at][0] == "{":
            if not construct or is_keyword(found.all[at - 1], "WHERE"):
                return at
            construct = False
            at = found.closing[at]
        elif at in found.closing:
            at = found.closing[at]
        at += 1
    return None


def _divide(found: Tokens, opening: int, prologue: str) -> tuple[str, str]:
    """Divide a pattern into what can be asked and the filters and BINDs that have to be computed after it."""
    asked, kept, moved = list[str](), list[str](), set[str]()
    at, end, start = opening + 1, found.closing[opening], opening + 1
    while at < end:
        if not is_keyword(found.all[at], "FILTER", "BIND"):
            at = found.closing.get(at, at) + 1
            continue
        asked.append(found.slice(start, at))
        first = at
        while found.all[at].lastgroup != "open":
            at += 1
        start = at = found.closing[at] + 1
        element = found.slice(first, at)
        names = [token[0] for token in found.all[first:at] if token.lastgroup == "variable"]
        if _calls(prologue, element) or moved & {*names}:
            kept.append(element)
            moved |= {names[-1]} if is_keyword(found.all[first], "BIND") else set()
        else:
            asked.append(element)
    asked.append(found.slice(start, end))
    left = "".join(asked)
    if moved & {token[0] for token in Tokens(left).all if token.lastgroup == "variable"}:
        return found.slice(opening + 1, end), ""  # a pattern after it needs what it binds
    return left, " ".join(kept)


def _ask(select: _Select, query: Query, request: Callable[[Query], Results]) -> str:
    names = select.names()
    head = " ".join(f"?{name}" for name in names) or "(1 AS ?none)"
    rows = request(replace(query, text=f"{select.prologue}SELECT {head} WHERE {{ {select.asked} }}"))
    return _table(rows)


def _table(rows: object) -> str:
    """Return solutions as inline data."""
    assert isinstance(rows, ox.QuerySolutions)
    names = [variable.value for variable in rows.variables]
    lines = list[str]()
    for row in rows:
        lines.append(f"({' '.join(_write(row[name]) for name in names)})")
        if len(lines) > MAX_ROWS:
            raise SizeLimitError(f"more than {MAX_ROWS:,} solutions would have to be processed here; narrow the query")
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(lines)} }}"


def _write(term: object) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.BlankNode):
        return f"<{BLANK}{term.value}>"
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)
