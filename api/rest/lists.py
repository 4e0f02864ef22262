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
from kg.read.labels import Json


class Page(Parameters):
    """Which part of a list is asked for."""

    limit: int = Field(50, ge=1, le=500, description="How many items at most")
    cursor: str | None = Field(None, description="Where the page before ended: `next` of that page holds it")
    format: Literal["json", "jsonld", "csv", "tsv"] | None = Field(None, description="Goes before the Accept header")


def page_of(iris: Sequence[str], page: Page, read: Callable[[list[str]], list[Json]]) -> Json:
    """Return a page of the items with these IRIs, read whole; raises NotFound for a cursor of another list."""
    start = 0
    if page.cursor is not None:
        last = _decoded(page.cursor)
        last = last if "://" in last else ID + last
        if last not in iris:
            raise _strange()
        start = iris.index(last) + 1
    chosen = list(iris[start : start + page.limit])
    more = {"next": next_page(chosen[-1].removeprefix(ID))} if start + page.limit < len(iris) else {}
    return {"items": read(chosen), "total": len(iris), **more}


def offset_of(page: Page) -> int:
    """Return where a page of a ranked list begins; raises NotFound for a cursor of another list."""
    if page.cursor is None:
        return 0
    number = _decoded(page.cursor)
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise _strange()
    return int(number)


def next_page(place: str | int) -> str:
    """Return the address asked for with a cursor that names a place."""
    cursor = base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.base_url}?{urlencode([*kept, ('cursor', cursor)])}"


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _strange() from None


def _strange() -> NotFound:
    return NotFound("the cursor is not one of this list; begin again without it")
