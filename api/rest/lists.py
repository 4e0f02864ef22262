"""Pages of lists: ``limit`` and ``cursor``, ``total`` and ``next`` (contract, section 7)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Literal
from urllib.parse import urlencode

from flask import request
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.rest.blueprint import Parameters
from kg.prefixes import ID
from kg.read.names import Json


class Page(Parameters):
    """Which part of a list is asked for."""

    limit: int = Field(50, ge=1, le=500, description="How many items at most")
    cursor: str | None = Field(None, description="Where the page before ended: `next` of that page holds it")
    format: Literal["json", "jsonld", "csv", "tsv"] | None = Field(None, description="Goes before the Accept header")


def page_of(iris: Sequence[str], page: Page, read: Callable[[list[str]], list[Json]]) -> Json:
    """Return a page of the items with these IRIs, read whole; raises NotFound for a cursor of another list."""
    start = 0 if page.cursor is None else _place(iris, page.cursor)
    chosen = list(iris[start : start + page.limit])
    more = {"next": _address(_cursor(chosen[-1]))} if start + page.limit < len(iris) else {}
    return {"items": read(chosen), "total": len(iris), **more}


def _place(iris: Sequence[str], cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return iris.index(ID + base64.b64decode(padded, altchars=b"-_", validate=True).decode()) + 1
    except (binascii.Error, ValueError):
        raise NotFound("the cursor is not one of this list; begin again without it") from None


def _cursor(iri: str) -> str:
    return base64.urlsafe_b64encode(iri.removeprefix(ID).encode()).decode().rstrip("=")


def _address(cursor: str) -> str:
    """Return the address asked for with another cursor."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.base_url}?{urlencode([*kept, ('cursor', cursor)])}"
