"""What the library reads, in the shapes of the answers; runs within a request of the application."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from api.http.serving import labels
from api.mcp import shapes
from api.pages import wording
from kg.prefixes import ID
from kg.read.findings import read_findings
from kg.read.labels import Json

#: Findings that are named behind a row.
_BEHIND = 6


def finding(one: Mapping[str, Any]) -> shapes.Finding:
    """Return a finding as answers have it."""
    population = one.get("population", {})
    figures = [wording.figure(one), wording.counts(one)]
    return shapes.Finding(
        id=one["id"],
        iri=one["iri"],
        statement=one["statement"],
        figure="; ".join(part for part in figures if part),
        level=one["evidence_level"]["rank"],
        verdict=wording.plain(one["verdict"]) if "verdict" in one else "",
        population=population.get("label", ""),
        people=population.get("size"),
        directness=one.get("directness", ""),
        source=source(one["source"]),
    )


def findings(ids: Iterable[str]) -> dict[str, shapes.Finding]:
    """Return findings by their ids."""
    return {one["id"]: finding(one) for one in read_findings(labels(), [ID + id_ for id_ in ids])}


def source(one: Mapping[str, Any]) -> shapes.Source:
    """Return a source as answers have it."""
    return shapes.Source(
        **{name: one[name] for name in ("id", "iri", "label", "type", "year", "url") if one.get(name) is not None}
    )


def named(one: Mapping[str, Any]) -> shapes.Named:
    """Return an entity as answers have it."""
    return shapes.Named(id=one["id"], iri=one["iri"], label=one["label"], type=one.get("type", ""))


def rows(given: Sequence[Json]) -> list[shapes.Row]:
    """Return rows of the summary of findings as answers have them."""
    ids = {one["iri"]: one["findings"][:_BEHIND] for one in given}
    known = {one["id"]: one for one in read_findings(labels(), [ID + id_ for id_ in {*chain(*ids.values())}])}
    return [
        shapes.Row(
            iri=one["iri"],
            label=one["label"],
            sentence=one["sentence"],
            studies=one["studies"],
            people=one.get("people"),
            best_level=one["best_level"]["rank"] if "best_level" in one else None,
            certainty=marked(one),
            behind=[_behind(known[id_]) for id_ in ids[one["iri"]]],
            results=len(one["findings"]),
        )
        for one in given
    ]


def _behind(one: Json) -> shapes.Behind:
    return shapes.Behind(iri=one["iri"], source=one["source"]["label"], source_iri=one["source"]["iri"])


def row_line(row: shapes.Row) -> str:
    """Return a row in a line: its sentence, its IRI, and the findings and sources behind it."""
    behind = "; ".join(f"<{one.iri}> {one.source} <{one.source_iri}>" for one in row.behind)
    more = f"; {row.results - len(row.behind)} more" if row.results > len(row.behind) else ""
    return f"* {row.sentence} <{row.iri}>" + (f" From: {behind}{more}" if behind else "")


def marked(one: Mapping[str, Any]) -> list[str]:
    """Return the signals of certainty that are beyond a threshold, in words."""
    return [
        f"{domain['label']}: {signal['words']}"
        for domain in one.get("certainty", ())
        for signal in domain["signals"]
        if signal["marked"]
    ]


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "finding"), count(0, "finding")
    ('1 finding', '0 findings')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def line(one: shapes.Finding) -> str:
    """Return a finding in a line: what it says and how much that weighs, then its IRI and source."""
    facts = [one.figure, f"evidence level {one.level}", one.verdict, one.population]
    if one.directness in ("mixed", "indirect"):
        facts.append("not only people with systemic sclerosis")
    year = f", {one.source.year}" if one.source.year and str(one.source.year) not in one.source.label else ""
    weight = "; ".join(fact for fact in facts if fact)
    return f"- {one.statement} ({weight}) <{one.iri}> Source: {one.source.label}{year} <{one.source.iri}>"


def cited(one: Json) -> str:
    """Return the reference of a source in a line."""
    issue = f"({one['issue']})" if "issue" in one else ""
    place = "".join(
        [f" {one['volume']}" if "volume" in one else "", issue, f":{one['pages']}" if "pages" in one else ""]
    )
    parts = [
        one.get("authors", ""),
        one.get("title", one["label"]),
        f"{one.get('container', '')}{place}".strip(),
        str(one.get("year", "")),
        f"https://doi.org/{one['doi']}" if "doi" in one else one.get("url", ""),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
