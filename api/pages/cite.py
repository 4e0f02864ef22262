"""The box "Cite" of a page: how to cite the page, and the references of the findings that it shows.

Here alone stands which filters the references of a page have.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from api.http.serving import labels, served
from api.pages import wording
from kg.read.compare import RELATIONS
from kg.read.filters import Filters, resolve
from kg.read.references import find_references

#: The formats of references, each with the name that people know it by.
FORMATS = {"ris": "RIS", "bibtex": "BibTeX", "csljson": "CSL-JSON"}
#: The kinds of pages without findings of their own.
_WITHOUT = frozenset({"function", "rating"})
#: The filters that choose what a page is on; any other entity is what findings are about.
_NAMES = {"population": "population", "study": "relays"}
#: The most sources that a link names: an address is not endless.
_MOST = 150

Pairs = Sequence[tuple[str, str]]


def cite_entity(kind: str, slug: str, iri: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template needs on the page of an entity; nothing where there is nothing to cite."""
    if kind in _WITHOUT:
        return {}
    address = url_for("entity_pages.page", kind=kind, slug=slug, _external=True)
    title = wording.sentence_case(entity.get("words") or entity.get("statement") or entity["label"])
    return _box(title, address, _filters(kind, entity), iri, alone=kind == "question")


def cite_list(kind: str, pairs: Pairs) -> dict[str, Any]:
    """Return the same of a list that takes the filters of findings."""
    words = ", ".join(wording.filter_value(name, value) for name, value in pairs)
    title = f"{wording.PLURALS[kind]}: {words}" if words else wording.PLURALS[kind]
    return _box(title, _with(url_for("entity_pages.kind", kind=kind, _external=True), pairs), pairs)


def cite_comparison(treatments: Sequence[Mapping[str, Any]], outcome: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the same of a comparison of treatments, of all outcomes or one."""
    pairs = [("subject", one["id"]) for one in treatments] + [("predicate", name) for name in RELATIONS]
    chosen = [("treatment", one["id"]) for one in treatments]
    if outcome:
        pairs.append(("object", outcome["id"]))
        chosen.append(("outcome", outcome["id"]))
    title = f"{wording.sentence_case(' and '.join(one['label'] for one in treatments))} compared"
    return _box(title, _with(url_for("evidence_pages.compare", _external=True), chosen), pairs)


def _filters(kind: str, entity: Mapping[str, Any]) -> Pairs | None:
    """Return the filters of the references of an entity; None where they cannot be told."""
    match kind:
        case "source":
            return _sources([entity["id"]])
        case "finding" | "disagreement" | "pooled" | "question":
            return _sources(_named(kind, entity))
    return [(_NAMES.get(kind, "about"), entity["id"])]


def _named(kind: str, entity: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the sources that a page names as those of what it shows."""
    match kind:
        case "finding":
            yield entity["source"]["id"]
        case "disagreement":
            yield from (one["source"]["id"] for side in entity["sides"] for one in side["findings"])
        case "pooled":
            yield from (one["source"]["id"] for one in entity["studies"])
        case "question":  # whose rows have labels, and no two sources have the same
            ids = {one["label"]: one["id"] for one in labels().entities.values() if one["type"] == "Source"}
            yield from (ids[cell] for row in entity["rows"] for cell in row if isinstance(cell, str) and cell in ids)


def _sources(ids: Iterable[str]) -> Pairs | None:
    found = sorted(set(ids))
    return [("source", one.partition("/")[2]) for one in found] if 0 < len(found) <= _MOST else None


def _box(title: str, address: str, pairs: Pairs | None, iri: str = "", *, alone: bool = False) -> dict[str, Any]:
    """Return what the template needs; nothing for a page without references, unless it can be cited ``alone``."""
    snapshot = served().snapshot
    filters = Filters(tuple(pairs or ()))
    number = 0 if pairs is None else len(find_references(labels(), resolve(labels(), filters)))
    if snapshot is None or not (number or alone):
        return {}
    box = {"title": title, "address": address, "iri": iri, "references": number, "pairs": filters.pairs}
    return {"cite": box | {"formats": FORMATS, "snapshot": snapshot}}


def _with(address: str, pairs: Pairs) -> str:
    return f"{address}?{urlencode(pairs, safe='/:')}" if pairs else address
