"""Lists: pages of ``limit`` items with a ``cursor`` to the next one, and the same as tables."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, Field, create_model
from werkzeug.exceptions import BadRequest

from api.rest.blueprint import Parameters
from api.rest.models import Shape
from kg.export.delimited import write_rows
from kg.prefixes import ID
from kg.queries import is_iri
from kg.read.labels import Json
from kg.read.listing import Listing


class ListParameters(Parameters):
    """Which part of a list, and in which format."""

    limit: int = Field(50, ge=1, le=500, description="Number of items at most")
    cursor: str | None = Field(None, description="Where the page begins: as in the `next` of the page before")
    format: Literal["json", "jsonld", "csv", "tsv"] | None = Field(
        None, description="Takes precedence over the Accept header"
    )


def list_of(name: str, item: type[BaseModel], **more: Any) -> type[BaseModel]:
    """Return the model of a page of items; ``more`` are further fields, as for ``pydantic.create_model``."""
    fields: dict[str, Any] = {
        "items": (list[item], ...),  # type: ignore[valid-type]
        "total": (int, Field(ge=0)),
        "next": (str | None, Field(None, description="Address of the next page")),
        **more,
    }
    return create_model(name, __base__=Shape, __doc__=f"A page of {name.lower()}.", **fields)


def page_of(iris: Sequence[str] | Listing, page: ListParameters, read: Callable[[list[str]], list[Json]]) -> Json:
    """Return a page of the items with these IRIs, as ``read`` returns them; raises BadRequest for a wrong cursor."""
    last = None
    if page.cursor is not None:
        last = _decode(page.cursor)
        last = last if "://" in last else ID + last
        if not is_iri(last) or not (iris.among([last]) if isinstance(iris, Listing) else last in iris):
            raise _wrong_cursor()
    if isinstance(iris, Listing):
        total, chosen = iris.total, iris.part(page.limit + 1, after=last)
    else:
        start = iris.index(last) + 1 if last else 0
        total, chosen = len(iris), list(iris[start : start + page.limit + 1])
    more = {"next": next_page(chosen[page.limit - 1].removeprefix(ID))} if len(chosen) > page.limit else {}
    return {"items": read(chosen[: page.limit]), "total": total, **more}


def offset_of(page: ListParameters) -> int:
    """Return the index at which a page of a ranked list begins; raises BadRequest for a wrong cursor."""
    if page.cursor is None:
        return 0
    number = _decode(page.cursor)
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise _wrong_cursor()
    return int(number)


def next_page(place: str | int) -> str:
    """Return the address of this list from a place on: the last item before it, or an index."""
    cursor = base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.base_url}?{urlencode([*others, ('cursor', cursor)])}"


def _decode(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _wrong_cursor() from None


def _wrong_cursor() -> BadRequest:
    return BadRequest("the cursor does not belong to this list; omit it to start again")


def table_of(model: type[BaseModel]) -> Callable[[Json, str], str]:
    """Return what writes a page of items of a model as CSV or, with a tab as delimiter, as TSV.

    A row is an item and a column a plain value, the same columns whatever the items have.
    """
    names = list(_columns(model))

    def write(page: Json, delimiter: str) -> str:
        items = (dict(_cells(item)) for item in page["items"])
        rows = ([item.get(name) for name in names] for item in items)
        return b"".join(write_rows([names, *rows], delimiter)).decode()

    return write


def _columns(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the columns of a model; those of a part are named ``part.column``, a list of parts has one, its ids."""
    for key, field in model.model_fields.items():
        name = prefix + (field.alias or key)
        part = _part(field.annotation)
        if part is None:
            yield name
        else:
            yield from _columns(part, f"{name}.")


def _part(annotation: object) -> type[BaseModel] | None:
    """Return the model of a key whose value is one."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((choice for choice in get_args(annotation) if choice is not type(None)), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _cells(item: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in item.items():
        name = prefix + key
        yield name, [_id(one) for one in value] if isinstance(value, list) else value
        if isinstance(value, Mapping):
            yield from _cells(value, f"{name}.")


def _id(member: object) -> object:
    if not isinstance(member, Mapping):
        return member
    return next(member[key] for key in ("id", "iri", "label", "name") if key in member)
