"""The evidence on a treatment: findings with their verdicts, pooled results, refusals to pool, and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.queries import read_query
from kg.read.evidence_map import gap_reason
from kg.read.findings import by_level, read_findings
from kg.read.labels import Json, Labels, drop_empty, local
from kg.read.ranking import Ranking
from kg.read.synthesis import find_pooled, read_pooled, read_refusals

#: The verdicts that a finding on an effect of a treatment can have, the settled ones first.
VERDICTS = (
    "favourable", "unfavourable", "nullResult", "unprovenBenefit", "unsettled", "changeOnly", "useOnly",
)  # fmt: skip


@dataclass(frozen=True)
class Most:
    """How much of what grows with the findings is read; the best comes first, and the numbers are those of all."""

    findings: int
    #: Of the findings, so many at least on other diseases and mixed groups, if there are as many.
    apart: int
    populations: int
    sources: int


def read_evidence(labels: Labels, iri: str, most: Most) -> Json:
    """Return the evidence on a treatment and its subtypes: the best findings, numbers of all, and what is derived.

    ``tallies`` are numbers of findings by what they say, ``years`` numbers of sources.
    """
    return {
        "counts": labels.select("read/evidence-counts", about=iri)[0],
        "kinds": [
            labels.reference(row["kind"]) | {"findings": row["findings"]}
            for row in labels.select("read/kinds-of", whole=iri)
        ],
        "findings": sorted(read_findings(labels, _best(labels, iri, most)), key=by_level),
        "tallies": labels.select("read/evidence-tallies", about=iri),
        "populations": _populations(labels, iri, most.populations),
        "population_count": labels.select("read/evidence-population-count", about=iri)[0]["populations"],
        "sites": [
            labels.reference(row["site"]) | {"findings": row["findings"]}
            for row in labels.select("read/evidence-sites", about=iri)
        ],
        "sources": _sources(labels, iri, most.sources),
        "years": labels.select("read/evidence-years", about=iri),
        "pooled": read_pooled(labels, find_pooled(labels, iri)),
        "refusals": read_refusals(labels, iri),
        "unstudied": [
            labels.reference(row["aspect"])
            | {"findings": row["findings"], "reason": gap_reason(row), "people": row.get("people", 0)}
            for row in labels.select("read/unstudied", treatment=iri)
        ],
    }


def _best(labels: Labels, iri: str, most: Most) -> list[str]:
    """Return the best findings about a treatment, in systemic sclerosis and apart."""
    ranking = Ranking.of(labels, "about", iri)
    direct = ranking.total - ranking.apart
    shown = min(direct, most.findings - min(ranking.apart, most.apart))
    return ranking.part(0, shown) + ranking.part(direct, most.findings - shown)


def _populations(labels: Labels, iri: str, number: int) -> list[Json]:
    text = read_query("read/evidence-populations", about=iri)
    rows = labels.engine.select(f"{text}\nLIMIT {number}")
    return [
        drop_empty({**labels.reference(one), "size": labels.sizes.get(one), "findings": row["findings"]})
        for row in rows
        for one in [row["population"]]
    ]


def _sources(labels: Labels, iri: str, number: int) -> list[Json]:
    """Return sources with the number of their findings, the best level of their results and study designs."""
    text = read_query("read/evidence-sources", about=iri)
    return [
        {
            **labels.reference(row["source"]),
            **({"year": row["year"]} if "year" in row else {}),
            "findings": row["findings"],
            "level": labels.levels.get(row["best"]),
            "designs": [local(design) for design in row.get("designs", "").split()],
        }
        for row in labels.engine.select(f"{text}\nLIMIT {number}")
    ]


def read_cell(labels: Labels, treatment: str, aspect: str, start: int, number: int) -> Json:
    """Return some ``findings`` of a cell of the evidence map, from a place on; none where there is no such cell.

    Those in systemic sclerosis come first (``direct`` is their number, ``total`` that of all), then the best level.
    """
    counts = labels.select("read/cell-counts", treatment=treatment, aspect=aspect)[0]
    text = read_query("read/cell", treatment=treatment, aspect=aspect)
    rows = labels.engine.select(f"{text}\nLIMIT {number} OFFSET {start}")
    return counts | {"findings": read_findings(labels, [row["finding"] for row in rows])}


def read_events(labels: Labels, source: str) -> list[Json]:
    """Return the events of a source's case in order: each after those that it follows."""
    previous: dict[str, set[str]] = {}
    dates: dict[str, str] = {}
    for row in labels.select("read/events", source=source):
        followed = previous.setdefault(row["event"], set())
        if "after" in row:
            followed.add(row["after"])
        if "date" in row:
            dates[row["event"]] = row["date"]
    placed = dates.keys() | {one for one, before in previous.items() if before} | set().union(*previous.values())
    events = read_findings(labels, _in_order(previous, dates))
    return [event | {"placed": event["iri"] in placed} for event in events]


def _in_order(previous: Mapping[str, set[str]], dates: Mapping[str, str]) -> Sequence[str]:
    """Return events so that none comes before what it follows; of the others the earliest known date first."""
    known: dict[str, str] = {}

    def earliest(event: str, seen: frozenset[str] = frozenset()) -> str:
        """Return the date of an event, or the latest of what it follows."""
        if event not in known:
            before = [earliest(one, seen | {event}) for one in previous.get(event, ()) if one not in seen]
            known[event] = max([dates.get(event, ""), *before])
        return known[event]

    left, order = sorted(previous), list[str]()
    while left:
        free = [one for one in left if not previous[one] & set(left) - {one}] or left  # a circle is broken anywhere
        chosen = min(free, key=lambda one: (earliest(one), one not in dates, one))
        order.append(chosen)
        left.remove(chosen)
    return order
