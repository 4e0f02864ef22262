"""What an engine has answered, as the snapshot would have it: blank nodes, and numbers in their canonical spelling."""

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.engine.remote.releases import BLANK
from kg.engine.remote.rewrite import OURS
from kg.errors import EngineUnavailableError
from kg.prefixes import expand

_JSON = ox.QueryResultsFormat.JSON
_INTEGERS = frozenset(
    expand(f"xsd:{name}")
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
_INTEGER, _DECIMAL, _BOOLEAN = expand("xsd:integer"), expand("xsd:decimal"), expand("xsd:boolean")
_STRING = expand("xsd:string")
#: The variable of a table that Virtuoso may answer ASK with.
_ASKED = "__ASK_RETVAL"
_NOT_LABEL = re.compile(r"[^A-Za-z0-9]")


def read_results(body: bytes, variables: Sequence[str], *, faithful: bool) -> ox.QuerySolutions | ox.QueryBoolean:
    """Read SPARQL JSON results with these variables in this order.

    The answer of a ``faithful`` engine, which spells literals as the embedded one does, is changed only where it holds
    blank nodes or variables of ours. Raises EngineUnavailableError for what is no such answer.
    """
    try:
        if not (faithful and BLANK.encode() not in body and OURS.encode() not in body):
            body = _rewritten(body, variables)
        return ox.parse_query_results(body, format=_JSON)
    except (SyntaxError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailableError(f"the answer of the engine cannot be read: {error}") from None


def _rewritten(body: bytes, variables: Sequence[str]) -> bytes:
    answer = json.loads(body)
    if not variables and "boolean" not in answer and _ASKED in answer["head"].get("vars", ()):
        answer["boolean"] = any(row[_ASKED]["value"] in ("1", "true") for row in answer["results"]["bindings"])
    if "boolean" in answer:
        return json.dumps({"head": {}, "boolean": bool(answer["boolean"])}).encode()
    rows = [
        {name: _term(term) for name, term in row.items() if name in variables or not name.startswith(OURS)}
        for row in answer["results"]["bindings"]
    ]
    return json.dumps(
        {"head": {"vars": list(variables) or answer["head"].get("vars", [])}, "results": {"bindings": rows}}
    ).encode()


def _term(term: dict[str, Any]) -> dict[str, Any]:
    """Return a term of SPARQL JSON results as the snapshot has it."""
    kind, value = term["type"], term["value"]
    if kind == "uri":
        return {"type": "bnode", "value": value.removeprefix(BLANK)} if value.startswith(BLANK) else term
    if kind == "bnode":
        return {"type": "bnode", "value": "x" + _NOT_LABEL.sub("x", value)}
    if kind == "triple":
        return {"type": kind, "value": {part: _term(value[part]) for part in value}}
    if language := term.get("xml:lang"):
        return {"type": "literal", "value": value, "xml:lang": language.lower()}
    datatype, spelt = canonical(term.get("datatype") or _STRING, str(value))
    return {"type": "literal", "value": spelt, **({} if datatype == _STRING else {"datatype": datatype})}


@lru_cache(10_000)
def canonical(datatype: str, value: str) -> tuple[str, str]:
    """Return the datatype and the spelling that the embedded engine gives to a literal.

    >>> xsd = "http://www.w3.org/2001/XMLSchema#"
    >>> [canonical(xsd + name, value)[1] for name, value in (("decimal", "15.50"), ("int", "007"), ("boolean", "1"))]
    ['15.5', '7', 'true']
    """
    try:
        if datatype in _INTEGERS:
            return _INTEGER, str(int(value))
        if datatype == _DECIMAL:
            number = Decimal(value)
            return datatype, f"{number.normalize():f}" if number else "0"
    except (ValueError, InvalidOperation):
        return datatype, value
    if datatype == _BOOLEAN:
        return datatype, {"1": "true", "0": "false"}.get(value, value)
    return datatype, value


def read_triples(body: bytes, *, faithful: bool) -> list[ox.Triple]:
    """Read N-Triples, each triple once. Raises EngineUnavailableError for what is none."""
    try:
        triples = [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]
    except (SyntaxError, ValueError) as error:
        raise EngineUnavailableError(f"the answer of the engine cannot be read: {error}") from None
    if not faithful:
        triples = list(dict.fromkeys(_of_triple(triple, spell) for triple in triples))
    return [_of_triple(triple, name_back) for triple in triples] if BLANK.encode() in body else triples


def _of_triple(triple: ox.Triple, change: Callable[[Any], Any]) -> ox.Triple:
    return ox.Triple(change(triple.subject), triple.predicate, change(triple.object))


def name_back(term: Any) -> Any:
    """Return the blank node that an IRI stands for, and any other term as it is."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(BLANK):
        return ox.BlankNode(term.value.removeprefix(BLANK))
    return term


def spell(term: Any) -> Any:
    """Return a literal as the embedded engine spells it, and any other term as it is."""
    if not isinstance(term, ox.Literal) or term.language:
        return term
    datatype, value = canonical(term.datatype.value, term.value)
    return ox.Literal(value, datatype=ox.NamedNode(datatype))
