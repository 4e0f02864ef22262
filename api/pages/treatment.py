"""``/page/treatment``: the evidence on a treatment, from a summary in plain sentences down to every finding."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from api.http.serving import labels, served
from api.pages import wording
from api.pages.findings import SETTLED, key_of, rows_of
from api.pages.people_charts import outcomes
from api.pages.pictures.counts import balance
from api.pages.pictures.neighbourhood import Neighbour, neighbourhood
from api.pages.pictures.timeline import Moment, timeline
from api.pages.pooled import pooled_rows
from api.pages.summary import in_groups
from kg.export import EXPORTS
from kg.read.disagreements import read_disagreements
from kg.read.evidence import read_evidence
from kg.read.findings import APART, rank_of, split_apart
from kg.read.summary import read_summary

_RESULTS = ("hasOutcome", "influences")
_HARMS = {"hasComplication": "Complications", "hasAdverseEffect": "Adverse effects"}
#: The headings of the other relations, in the order of the page.
_OTHERS = {
    "treats": "Used for",
    "prevents": "Reported to prevent",
    "indicatedFor": "Indications",
    "preparedBy": "Preparation",
    "followedBy": "Aftercare",
    "combinedWith": "Combined with",
    "underwent": "Case reports",
    "hasMechanism": "Mechanism",
    "definedAs": "Definition",
    "": "Other",
}
#: The columns of the balance: verdict, heading, what it takes in.
_BALANCE = (
    ("favourable", "For", "improved or resolved"),
    ("nullResult", "No difference", "unchanged, or compared without a difference"),
    ("unfavourable", "Against", "worsened, or a benefit denied"),
)
_APART = (
    (
        "changeOnly",
        "Neither good nor bad by itself",
        "an increase or decrease, a worsening denied, or no direction given",
    ),
    ("unprovenBenefit", "Not proven", "the source says that the benefit has not been shown; no evidence against it"),
    ("unsettled", "Unsettled", "aims, hypotheses, uncertain results, and results not reported"),
    ("useOnly", "Use without a result", "the source says that it treats or prevents something, but gives no result"),
)
#: The formats in which a treatment and its direct relations are offered.
_DOWNLOADS = (
    ("xlsx", "spreadsheet (XLSX)"),
    ("ttl", "Turtle"),
    ("graphml", "file for graph tools"),
    ("cyjs", "file for Cytoscape"),
)
#: Headings of the gaps of a treatment, by reason.
_GAPS = {
    "unstudied": "No findings",
    "opinionOnly": "Opinion only",
    "notBrokenDown": "Counted with others, not broken down",
}
_NEIGHBOURS = 14  # on either side of the picture


def evidence(iri: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page of a treatment shows beside its description."""
    known: Any = read_evidence(labels(), iri)
    every = rows_of(known["findings"])
    every.sort(key=lambda row: (rank_of(row), "bar" not in row))
    rows, apart = split_apart(every)
    kinds = {iri, *(kind["iri"] for kind in known["kinds"])}
    own = [row for row in rows if row["subject"]["iri"] in kinds]
    results = [row for row in own if row["predicate"] in _RESULTS and "object" in row]
    harms = {heading: [row for row in own if row["predicate"] == predicate] for predicate, heading in _HARMS.items()}
    shown = {row["iri"] for group in (results, *harms.values()) for row in group}
    by_verdict = {name: [row for row in own if row.get("verdict") == name] for name, *_ in (*_BALANCE, *_APART)}
    contrasts: list[Any] = read_disagreements(labels(), [one["iri"] for one in entity.get("disagreements", ())])
    sources = _sources(every)
    by_object = _by_object(results, known)
    return {
        "known": known,
        "people_chart": outcomes(iri, entity["label"], {one["about"]["id"]: one["anchor"] for one in by_object}),
        "summary": wording.summary(
            entity["label"],
            known["counts"],
            {name: len(group) for name, group in by_verdict.items()},
            {name: sum("certainty" in row for row in group) for name, group in by_verdict.items()},
        ),
        "kinds_counted": wording.kinds_counted(known["kinds"]),
        "summary_table": in_groups(iri.rpartition("/")[2], read_summary(labels(), "treatment", iri)),
        "key": key_of(every),
        "results": by_object,
        "harms": {heading: _by_object(group, known, "-harm") for heading, group in harms.items() if group},
        "elsewhere": {
            f"In {wording.OTHER_PEOPLE[name]}": _by_object(
                [row for row in apart if row["directness"] == name], known, f"-{name}"
            )
            for name in APART
            if any(row["directness"] == name for row in apart)
        },
        "others": _others(row for row in rows if row["iri"] not in shown),
        "balance": [(name, heading, what, by_verdict[name]) for name, heading, what in _BALANCE],
        "apart": [(heading, what, by_verdict[name]) for name, heading, what in _APART if by_verdict[name]],
        "balance_picture": balance(
            [(name, heading, _levels(by_verdict[name])) for name, heading, _ in _BALANCE],
            "Findings for, without a difference, and against",
        ),
        "disagreements": [one for one in contrasts if one["type"] == "Disagreement"],
        "apparent": [one for one in contrasts if one["type"] != "Disagreement"],
        "gaps": _gaps(known["unstudied"]),
        "populations": _counted(row["population"] for row in every if "population" in row),
        "sites": _counted(site for row in every for site in row.get("site", ())),
        "sources": sources,
        "years": _years(sources),
        "neighbourhood": _neighbourhood(iri, entity),
        "snapshot": served().snapshot,
        "downloads": [(name, words) for name, words in _DOWNLOADS if name in EXPORTS and served().snapshot],
    }


def _by_object(rows: Sequence[Any], known: Mapping[str, Any], suffix: str = "") -> list[dict[str, Any]]:
    """Return findings by object, with what was pooled of them: settled results first, then by level and number.

    ``suffix`` keeps the anchor of an object unique that is both an outcome and a harm.
    """
    grouped: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row["object"]["id"] if "object" in row else ""].append(row)
    return [
        {
            "about": group[0].get("object"),
            "anchor": "on-" + id_.replace("/", "-") + suffix,
            "rows": group,
            "pooled": [pooled_rows(one) for one in known["pooled"] if _answers(one, group)],
            "refusals": [one for one in known["refusals"] if _answers(one, group)],
        }
        for id_, group in sorted(grouped.items(), key=lambda item: (*_weight(item[1]), item[0]))
    ]


def _weight(rows: Sequence[Any]) -> tuple[bool, int, int]:
    """Return the sort key of groups: those with a settled result first, then by best level, then by number."""
    settled = [row for row in rows if row.get("verdict") in SETTLED]
    return not settled, min(map(rank_of, settled or rows)), -len(rows)


def _answers(question: Mapping[str, Any], rows: Sequence[Any]) -> bool:
    """Tell whether a question of the synthesis is about the object and a relation of these findings."""
    return any(question["object"] == row.get("object") and question["predicate"] == row["predicate"] for row in rows)


def _others(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the other findings by the heading of their relation."""
    groups: dict[str, list[Any]] = {heading: [] for heading in _OTHERS.values()}
    for row in rows:
        groups[_OTHERS.get(row["predicate"], _OTHERS[""])].append(row)
    return {heading: group for heading, group in groups.items() if group}


def _levels(rows: Iterable[Any]) -> dict[int, int]:
    return dict(sorted(Counter(map(rank_of, rows)).items()))


def _gaps(cells: Iterable[Any]) -> dict[str, dict[str, list[Any]]]:
    """Return what was not studied of a treatment, by heading and kind; what concerns most people first."""
    gaps: dict[str, defaultdict[str, list[Any]]] = {reason: defaultdict(list) for reason in _GAPS}
    for cell in cells:
        gaps[cell["reason"]][cell["id"].partition("/")[0]].append(cell)
    return {_GAPS[reason]: kinds for reason, kinds in gaps.items() if kinds}


def _counted(references: Iterable[Any]) -> list[Any]:
    """Return entities with the number of findings that name them, the most first."""
    entities: dict[str, Any] = {}
    numbers: Counter[str] = Counter()
    for one in references:
        entities[one["iri"]] = one
        numbers[one["iri"]] += 1
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [entities[iri] | {"findings": number} for iri, number in ordered]


def _sources(rows: Iterable[Any]) -> list[Any]:
    """Return the sources with their findings, best level and study designs: the best first, then the newest."""
    grouped: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row["source"]["iri"]].append(row)
    sources = [
        {
            **group[0]["source"],
            "findings": len(group),
            "level": min(group, key=rank_of)["evidence_level"],
            "designs": sorted({wording.plain(row["study_design"]) for row in group if "study_design" in row}),
        }
        for group in grouped.values()
    ]
    return sorted(sources, key=lambda one: (one["level"]["rank"], -one.get("year", 0), one["id"]))


def _years(sources: Iterable[Any]) -> object:
    """Draw the years of the sources; nothing for a single year."""
    counts = Counter(str(one["year"]) for one in sources if "year" in one)
    moments = [Moment(year, count, "#sources") for year, count in sorted(counts.items())]
    return timeline(moments, "Years of the sources") if len(moments) > 1 else None


def _neighbourhood(iri: str, entity: Mapping[str, Any]) -> object:
    """Draw the hierarchy, and the relations that findings support, the best supported first."""
    incoming = [_neighbour(one, "is a kind of", 0) for one in entity.get("subtypes", ())]
    outgoing = [_neighbour(one, "is a kind of", 0) for one in entity.get("subtype_of", ())]
    for edge in entity.get("edges", ()):
        leaves = edge["from"]["iri"] == iri
        other, side = (edge["to"], outgoing) if leaves else (edge["from"], incoming)
        side.append(_neighbour(other, wording.plain(edge["predicate"]), edge["findings"]))
    if not incoming and not outgoing:
        return None
    label = entity["label"]
    return neighbourhood(label, incoming[:_NEIGHBOURS], outgoing[:_NEIGHBOURS], f"Entities related to {label}")


def _neighbour(one: Mapping[str, Any], relation: str, findings: int) -> Neighbour:
    return Neighbour(one["label"], _page(one["id"]), one["id"].partition("/")[0], relation, findings)


def _page(id_: str) -> str:
    kind, _, slug = id_.partition("/")
    return url_for("entity_pages.page", kind=kind, slug=slug)
