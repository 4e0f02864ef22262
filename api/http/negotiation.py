"""Chooses formats by ``Accept`` (RFC 9110, section 12.5.1) or by ``?format=``."""

import re
from collections.abc import Sequence
from functools import lru_cache

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from kg.engine import FORMATS, GRAPHS, RESULTS, Format
from kg.errors import NotAcceptableError

#: Further media types under which clients ask for a format.
ALIASES: dict[str, str] = {
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/x-turtle": "ttl",
    "text/plain": "nt",
    "application/x-trig": "trig",
    "text/x-nquads": "nq",
}
#: Further values of ``?format=``, as clients and other endpoints use them. A name of a syntax that has both a
#: table form and a graph form stands for the two.
NAMES: dict[str, tuple[str, ...]] = {
    "json": ("json", "jsonld"),
    "xml": ("xml", "rdf"),
    "turtle": ("ttl",),
    "n3": ("ttl",),
    "ntriples": ("nt",),
    "n-triples": ("nt",),
    "json-ld": ("jsonld",),
    "rdf+xml": ("rdf",),
    "rdfxml": ("rdf",),
    "nquads": ("nq",),
    "n-quads": ("nq",),
}

#: What widespread clients write against the grammar: ``*`` for ``*/*``, and ``q=.2``; Java did both until version 11.
_ANY = re.compile(r"(?:^|(?<=,))\s*\*\s*(?=[;,]|$)")
_NO_ZERO = re.compile(r"(;\s*q\s*=\s*)(?=\.\d)", re.IGNORECASE)


def formats() -> tuple[Format, ...]:
    """Return the formats that the request accepts, best first. Raises NotAcceptableError when there is none."""
    name = request.values.get("format")
    return _named(name) if name else accepted_formats(request.headers.get("Accept", "*/*"))


def accepted_formats(header: str) -> tuple[Format, ...]:
    """Return the formats that an Accept header names, best first. Raises NotAcceptableError when there is none."""
    if found := _accepted(header, (*RESULTS, *GRAPHS)):
        return found
    offered = ", ".join(row.media_type for row in FORMATS.values())
    raise NotAcceptableError(f"none of the media types asked for is served; there are {offered}")


def graph_formats() -> tuple[Format, ...]:
    """Return the formats of a graph that the request accepts. Raises NotAcceptableError when there is none."""
    if found := tuple(row for row in formats() if row.kind == "graph"):
        return found
    raise NotAcceptableError(f"a graph is served as {', '.join(row.media_type for row in GRAPHS)}")


def choose(*offered: Format) -> Format:
    """Return the best of the formats offered. Raises NotAcceptableError when the request accepts none of them."""
    name = request.args.get("format")
    best = _accepted(request.headers.get("Accept", "*/*"), offered)
    found = [row for row in offered if row.name == name] if name else best
    if found:
        return found[0]
    raise NotAcceptableError(f"this is served as {', '.join(row.media_type for row in offered)}")


def is_first_choice(format_: Format) -> bool:
    """Tell whether the request accepts nothing, here or elsewhere, with a higher quality than this format."""
    types = accepted()
    return types.quality(format_.media_type) >= max((quality for _, quality in types), default=0)


def accepted() -> MIMEAccept:
    """Return what the request accepts; nothing when it does not say."""
    return _parse(request.headers.get("Accept", ""))


def wants_page() -> bool:
    """Tell whether the client is a browser: it prefers HTML to anything a program would read."""
    best = accepted().best_match(["text/turtle", "text/html"])
    return best == "text/html" and "format" not in request.args


def _named(name: str) -> tuple[Format, ...]:
    names = NAMES.get(name) or (ALIASES.get(name, name),)
    if chosen := tuple(row for row in FORMATS.values() if row.name in names or row.media_type in names):
        return chosen
    raise NotAcceptableError(f"there is no format {name!r}; there are {', '.join(FORMATS)}")


@lru_cache(maxsize=1024)  # parsing a header costs more than a small query, and clients send few different ones
def _accepted(header: str, offered: tuple[Format, ...]) -> tuple[Format, ...]:
    accept = _parse(header)
    if not accept.provided or header.strip(" \t,") == "":  # empty members of a list are ignored (RFC 9110, 5.6.1)
        return offered
    ranked = [(_quality(accept, row), -order, row) for order, row in enumerate(offered)]
    return tuple(row for quality, _, row in sorted(ranked, key=lambda item: item[:2], reverse=True) if quality > 0)


def _quality(accept: MIMEAccept, row: Format) -> float:
    """Return the quality that a header gives to a format: that of its best name, slightly less for a wildcard.

    An exact name wins over a wildcard of the same quality, so that ``text/turtle, */*`` gives Turtle.
    """
    names: Sequence[str] = [
        row.media_type,
        *(name for name, format_ in ALIASES.items() if format_ == row.name),
    ]
    exact = {media_type.partition(";")[0].strip().lower(): quality for media_type, quality in accept}
    named = [exact[name] for name in names if name in exact]
    if named:
        return max(named) if max(named) == 0 else max(named) + 1e-6
    return accept.quality(row.media_type)


def _parse(header: str) -> MIMEAccept:
    return parse_accept_header(_NO_ZERO.sub(r"\g<1>0", _ANY.sub("*/*", header)), MIMEAccept)
