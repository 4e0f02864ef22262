"""The evidence on a treatment: how much there is, the verdict of each result, what was pooled, what nobody studied."""

from collections.abc import Sequence

from kg.queries import read_query
from kg.read.findings import find_findings, level_rank, read_findings
from kg.read.labels import Json, Labels
from kg.read.pooling import read_pooled, read_refusals

#: The verdicts of findings on an effect of a treatment (``queries/read/verdicts.rq`` says what each means).
VERDICTS = ("for", "against", "null", "unsettled", "change", "use")


def read_evidence(labels: Labels, iri: str) -> Json:
    """Return all findings about a treatment and its kinds, the best level first, and what follows from them."""
    findings = read_findings(labels, find_findings(labels, {"about": [iri]}))
    findings.sort(key=level_rank)
    return {
        "counts": next(iter(labels.engine.select(read_query("read/evidence-counts", about=iri)))),
        "kinds": [
            labels.reference(row["kind"]) | {"findings": row["findings"]}
            for row in labels.engine.select(read_query("read/kinds-of", whole=iri))
        ],
        "findings": findings,
        "pooled": read_pooled(labels, iri),
        "refusals": read_refusals(labels, iri),
        "unstudied": [
            labels.reference(row["aspect"]) | {"findings": row["findings"]}
            for row in labels.engine.select(read_query("read/unstudied", treatment=iri))
        ],
    }


def read_verdicts(labels: Labels) -> dict[str, str]:
    """Return the verdict of each finding on an effect of a treatment, by its IRI."""
    return {row["finding"]: row["verdict"] for row in labels.engine.select(read_query("read/verdicts"))}


def read_cell(labels: Labels, treatment: str, aspect: str) -> list[Json]:
    """Return the findings in a cell of the evidence map, the best level first; none where there is no such cell."""
    rows = labels.engine.select(read_query("read/cell", treatment=treatment, aspect=aspect))
    return read_findings(labels, [row["finding"] for row in rows])


def read_events(labels: Labels, source: str) -> list[Json]:
    """Return the events of a source's case in their order: each after those that it follows."""
    after: dict[str, set[str]] = {}
    dates: dict[str, str] = {}
    for row in labels.engine.select(read_query("read/events", source=source)):
        event = row["event"]
        after.setdefault(event, set())
        if "after" in row:
            after[event].add(row["after"])
        if "date" in row:
            dates[event] = row["date"]
    order = _in_order(after, dates)
    whole = {str(one["iri"]): one for one in read_findings(labels, order)}
    return [whole[iri] | {"placed": bool(after[iri]) or iri in dates or _leads(iri, after)} for iri in order]


def _in_order(after: dict[str, set[str]], dates: dict[str, str]) -> Sequence[str]:
    """Return events so that none comes before what it follows; of the others the earliest known date first."""
    known: dict[str, str] = {}

    def earliest(event: str, seen: frozenset[str] = frozenset()) -> str:
        """Return the date of an event, or the latest of what it follows."""
        if event not in known:
            before = [earliest(one, seen | {event}) for one in after.get(event, ()) if one not in seen]
            known[event] = max([dates.get(event, ""), *before])
        return known[event]

    left, order = sorted(after), list[str]()
    while left:
        free = [one for one in left if not after[one] & set(left) - {one}] or left  # a circle is broken anywhere
        chosen = min(free, key=lambda one: (earliest(one), one not in dates, one))
        order.append(chosen)
        left.remove(chosen)
    return order


def _leads(event: str, after: dict[str, set[str]]) -> bool:
    return any(event in before for before in after.values())
