"""``/page/treatment``: the evidence on a treatment, from a summary in plain sentences down to every finding."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from api.http.serving import labels, served
from api.pages import wording
from api.pages.findings import key_of, rows_of
from api.pages.people_charts import outcomes
from api.pages.pictures.counts import balance
from api.pages.pictures.neighbourhood import Neighbour, neighbourhood
from api.pages.pictures.timeline import Moment, timeline
from api.pages.pooled import pooled_rows
from api.pages.summary import in_groups
from kg.export import EXPORTS
from kg.prefixes import ID
from kg.read.disagreements import read_disagreements
from kg.read.evidence import Most, read_evidence
from kg.read.findings import APART, rank_of, split_apart
from kg.read.labels import local
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
    ("favourable", "Favourable", "improved or resolved"),
    ("nullResult", "No difference", "unchanged, or compared without a difference"),
    ("unfavourable", "Unfavourable", "worsened, or a benefit denied"),
)
_APART = (
    (
        "changeOnly",
        "Change of unclear benefit",
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


#: What the page shows of all there is. Few treatments have more; the numbers on the page are those of all.
_MOST = Most(findings=500, apart=100, populations=150, sources=150)
#: Disagreements that are shown whole, and apparent ones in short.
_DISAGREEMENTS, _APPARENT = 25, 100


def evidence(iri: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page of a treatment shows beside its description.

    Findings are the best of all; lists of them have the number of all beside them, which is counted by the engine.
    """
    known: Any = read_evidence(labels(), iri, _MOST)
    every = rows_of(known["findings"])
    every.sort(key=lambda row: (rank_of(row), "bar" not in row))
    rows, _ = split_apart(every)
    kinds = {iri, *(kind["iri"] for kind in known["kinds"])}
    own = [row for row in rows if row["subject"]["iri"] in kinds]
    tallies = [_tally(row) for row in known["tallies"]]
    totals = _totals(tallies)
    sections: defaultdict[str, list[Any]] = defaultdict(list)
    for row in every:
        sections[_section(row, own=row["subject"]["iri"] in kinds)].append(row)
    settled = [one for one in tallies if one["own"] and one["directness"] not in APART]
    by_verdict = {
        name: Verdict(
            [row for row in own if row.get("verdict") == name], [one for one in settled if one["verdict"] == name]
        )
        for name, *_ in (*_BALANCE, *_APART)
    }
    by_object = _by_object("", sections[""], known, totals)
    return {
        "known": known,
        "total": sum(one["findings"] for one in tallies),
        "shown": len(every),
        "totals": (sums := {section: sum(numbers.values()) for section, numbers in totals.items()}),
        "numbers": {
            "results": sums.get("", 0),
            "harms": sum(sums.get(heading, 0) for heading in _HARMS.values()),
            "elsewhere": sum(sums.get(name, 0) for name in APART),
            "others": sum(sums.get(heading, 0) for heading in _OTHERS.values()),
        },
        "people_chart": outcomes(iri, entity["label"], {one["about"]["id"]: one["anchor"] for one in by_object}),
        "summary": wording.summary(
            entity["label"],
            known["counts"],
            {name: one.total for name, one in by_verdict.items()},
            {name: one.hedged for name, one in by_verdict.items()},
        ),
        "kinds_counted": wording.kinds_counted(known["kinds"]),
        "summary_table": in_groups(iri.rpartition("/")[2], read_summary(labels(), "treatment", iri)),
        "key": key_of(every),
        "results": by_object,
        "harms": {
            heading: _by_object(heading, sections[heading], known, totals, "-harm")
            for heading in _HARMS.values()
            if heading in totals
        },
        "elsewhere": {
            name: _by_object(name, sections[name], known, totals, f"-{name}") for name in APART if name in totals
        },
        "others": {heading: sections[heading] for heading in _OTHERS.values() if heading in totals},
        "balance": [(name, heading, what, by_verdict[name]) for name, heading, what in _BALANCE],
        "apart": [(heading, what, by_verdict[name]) for name, heading, what in _APART if by_verdict[name].total],
        "balance_picture": balance(
            [(name, heading, by_verdict[name].levels) for name, heading, _ in _BALANCE],
            "Favourable findings, findings without a difference, and unfavourable findings",
        ),
        **_contrasts(entity),
        "gaps": _gaps(known["unstudied"]),
        "years": _years(known["years"]),
        "source_count": sum(row["sources"] for row in known["years"]),
        "neighbourhood": _neighbourhood(iri, entity),
        "snapshot": served().snapshot,
        "downloads": [(name, words) for name, words in _DOWNLOADS if name in EXPORTS and served().snapshot],
    }


@dataclass(frozen=True)
class Verdict:
    """The findings with one verdict: those that are shown, and what was counted of all."""

    shown: Sequence[Any]
    tallies: Sequence[Mapping[str, Any]]

    @property
    def total(self) -> int:
        """The number of all."""
        return sum(one["findings"] for one in self.tallies)

    @property
    def hedged(self) -> int:
        """The number of those that their source calls less than certain."""
        return sum(one["findings"] for one in self.tallies if one["hedged"])

    @property
    def levels(self) -> dict[int, int]:
        """The number of all by the rank of their evidence level."""
        numbers: Counter[int] = Counter()
        for one in self.tallies:
            numbers[one["rank"]] += one["findings"]
        return dict(sorted(numbers.items()))


def _tally(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number of findings, with what they have in common named as in findings."""
    return {
        "directness": local(row.get("people", "")),
        "own": row["own"],
        "predicate": local(row["predicate"]),
        **({"object": row["object"].removeprefix(ID)} if "object" in row else {}),
        "verdict": local(row.get("verdict", "")),
        "rank": labels().ranks[row["level"]],
        "hedged": row["hedged"],
        "findings": row["findings"],
    }


def _totals(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """Return the number of all findings of each section of the page by their object."""
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in tallies:
        totals[_section(one, own=one["own"])][one.get("object", "")] += one["findings"]
    return totals


def _section(one: Mapping[str, Any], *, own: bool) -> str:
    """Return the section of the page that a finding is in: that of the results has no name."""
    if one.get("directness") in APART:
        return str(one["directness"])
    if own and one["predicate"] in _HARMS:
        return _HARMS[one["predicate"]]
    if own and one["predicate"] in _RESULTS and "object" in one:
        return ""
    return _OTHERS.get(one["predicate"], _OTHERS[""])


def _contrasts(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first disagreements, whole, the first apparent ones, in short, and the numbers of all."""
    both: dict[bool, list[str]] = {True: [], False: []}
    for one in entity.get("disagreements", ()):
        both[one["type"] == "Disagreement"].append(one["iri"])
    numbers = entity.get("disagreement_counts", {})
    return {
        "disagreements": read_disagreements(labels(), both[True][:_DISAGREEMENTS]),
        "disagreement_count": numbers.get("disagreement", 0),
        "apparent": read_disagreements(labels(), both[False][:_APPARENT], in_short=True),
        "apparent_count": numbers.get("apparent", 0),
    }


def _by_object(
    section: str, rows: Sequence[Any], known: Mapping[str, Any], totals: Mapping[str, Counter[str]], suffix: str = ""
) -> list[dict[str, Any]]:
    """Return findings by object, with what was pooled of them: settled results first, then by level and number.

    ``suffix`` keeps the anchor of an object unique that is both an outcome and a harm. ``total`` is the number of all
    findings on an object, of which the best are shown; one of which none is shown is left out.
    """
    grouped: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row["object"]["id"] if "object" in row else ""].append(row)
    return [
        {
            "about": group[0].get("object"),
            "anchor": "on-" + id_.replace("/", "-") + suffix,
            "rows": group,
            "total": totals[section][id_],
            "pooled": [pooled_rows(one) for one in known["pooled"] if _answers(one, group)],
            "refusals": [one for one in known["refusals"] if _answers(one, group)],
        }
        for id_, group in sorted(grouped.items(), key=lambda item: (*_weight(item[1]), item[0]))
    ]


def _weight(rows: Sequence[Any]) -> tuple[bool, int, int]:
    """Return the sort key of groups: those with a settled result first, then by best level, then by number."""
    settled = [row for row in rows if row.get("verdict") in wording.SETTLED]
    return not settled, min(map(rank_of, settled or rows)), -len(rows)


def _answers(question: Mapping[str, Any], rows: Sequence[Any]) -> bool:
    """Tell whether a question of the synthesis is about the object and a relation of these findings."""
    return any(question["object"] == row.get("object") and question["predicate"] == row["predicate"] for row in rows)


def _gaps(cells: Iterable[Any]) -> dict[str, dict[str, list[Any]]]:
    """Return what was not studied of a treatment, by heading and kind; what concerns most people first."""
    gaps: dict[str, defaultdict[str, list[Any]]] = {reason: defaultdict(list) for reason in _GAPS}
    for cell in cells:
        gaps[cell["reason"]][cell["id"].partition("/")[0]].append(cell)
    return {_GAPS[reason]: kinds for reason, kinds in gaps.items() if kinds}


def _years(years: Iterable[Mapping[str, Any]]) -> object:
    """Draw the years of the sources; nothing for a single year."""
    moments = [Moment(str(row["year"]), row["sources"], "#sources") for row in years if "year" in row]
    return timeline(moments, "Years of the sources") if len(moments) > 1 else None


def _neighbourhood(iri: str, entity: Mapping[str, Any]) -> object:
    """Draw the hierarchy, and the relations that findings support, the best supported first."""
    incoming = [_neighbour(one, "subtype of", 0) for one in entity.get("subtypes", ())]
    outgoing = [_neighbour(one, "subtype of", 0) for one in entity.get("subtype_of", ())]
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
