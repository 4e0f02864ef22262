"""``/page/treatment``: the evidence on a treatment, from a plain sentence down to every finding."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import url_for

from api.http.serving import labels, served
from api.pages import wording
from api.pages.pictures.balance import balance
from api.pages.pictures.forest import forest
from api.pages.pictures.neighbourhood import Neighbour, neighbourhood
from api.pages.pictures.timeline import Moment, timeline
from api.pages.pooled import forest_rows
from api.pages.rows import key_of, rows_of
from api.pages.summary import kinds_counted, summary
from kg.export import EXPORTS
from kg.read.disagreements import read_disagreements
from kg.read.evidence import read_evidence

#: What findings with a relation are about, in the order of the page; what is in none of these comes last.
_RESULTS = ("hasOutcome", "influences")
_HARMS = ("hasComplication", "hasAdverseEffect")
_OTHERS = {
    "treats": "Used for",
    "prevents": "Said to prevent",
    "indicatedFor": "When it is considered",
    "preparedBy": "Preparation",
    "followedBy": "Afterwards",
    "combinedWith": "Combined with",
    "underwent": "Told of cases",
    "hasMechanism": "How it works",
    "definedAs": "What is meant by it",
}
#: The groups of the balance: by what a finding says, its heading, and what falls in it.
_BALANCE = (
    ("for", "For", "better, or gone"),
    ("null", "No difference", "unchanged, or a comparison without a difference"),
    ("against", "Against", "worse, or a benefit denied"),
)
_APART = (
    (
        "change",
        "Neither good nor bad by itself",
        "more or less of something, a worsening denied, or no direction given",
    ),
    ("unsettled", "Not settled", "hypotheses, what is called uncertain, results that are not reported"),
    ("use", "Use without a result", "that it treats or prevents something is said, and nothing of how it went"),
)
#: Exports of what lies around a treatment that are offered.
_DOWNLOADS = (
    ("xlsx", "as a spreadsheet (XLSX)"),
    ("ttl", "as Turtle"),
    ("graphml", "for graph tools"),
    ("cyjs", "for Cytoscape"),
)
#: Neighbours on either side of the picture.
_NEIGHBOURS = 14


def evidence(iri: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page of a treatment shows beside what it is."""
    known: Any = read_evidence(labels(), iri)
    says = known["says"]
    rows: list[Any] = rows_of(known["findings"], says)
    own = {str(row["subject"]["iri"]) for row in rows if row["iri"] in says} | {iri}
    own |= {kind["iri"] for kind in known["kinds"]}
    rows.sort(key=lambda row: (row["evidence_level"]["rank"], "bar" not in row))
    of_it = [row for row in rows if row["subject"]["iri"] in own]
    results = [row for row in of_it if row["predicate"] in _RESULTS and "object" in row]
    harms = [row for row in of_it if row["predicate"] in _HARMS]
    shown = {row["iri"] for row in (*results, *harms)}
    by_says = {name: [row for row in rows if row["says"] == name] for name in (*_names(_BALANCE), *_names(_APART))}
    contrasts: list[Any] = read_disagreements(labels(), [str(one["iri"]) for one in thing.get("disagreements", ())])
    return {
        "known": known,
        "summary": summary(
            str(thing["label"]),
            known["counts"],
            {name: len(found) for name, found in by_says.items()},
            {name: sum("certainty" in row for row in found) for name, found in by_says.items()},
        ),
        "kinds_counted": kinds_counted(known["kinds"]),
        "rows": rows,
        "key": key_of(rows),
        "results": _by_object(results, known),
        "harms": [
            (heading, found)
            for predicate, heading in zip(_HARMS, ("Complications", "Adverse effects"), strict=True)
            if (found := _by_object([row for row in harms if row["predicate"] == predicate], known))
        ],
        "others": _others([row for row in rows if row["iri"] not in shown]),
        "balance": [(name, heading, what, by_says[name], _levels(by_says[name])) for name, heading, what in _BALANCE],
        "apart": [(name, heading, what, by_says[name]) for name, heading, what in _APART if by_says[name]],
        "says_something": any(by_says.values()),
        "balance_picture": _balance(by_says),
        "differences": [one for one in contrasts if one["type"] == "Disagreement"],
        "apparent": [one for one in contrasts if one["type"] != "Disagreement"],
        "unstudied": _unstudied(known["unstudied"]),
        "populations": _counted(row["population"] for row in rows if "population" in row),
        "sites": _counted(site for row in rows for site in row.get("site", ())),
        "sources": (sources := _sources(rows)),
        "years": _years(sources),
        "neighbourhood": _neighbourhood(iri, thing),
        "snapshot": served().snapshot,
        "downloads": [(name, words) for name, words in _DOWNLOADS if name in EXPORTS and served().snapshot],
    }


def _names(groups: Sequence[tuple[str, str, str]]) -> list[str]:
    return [name for name, _, _ in groups]


def _by_object(rows: list[Any], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return findings by what they are on, with what was pooled: first what has a result, the best level, the most."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[str(row["object"]["id"] if "object" in row else "")].append(row)
    groups = sorted(found.items(), key=lambda item: (*_weight(item[1]), item[0]))
    return [
        {
            "about": group[0].get("object"),
            "anchor": "on-" + about.replace("/", "-") + _suffix(group),
            "rows": group,
            "pooled": [_pooled(one, rows) for one in known["pooled"] if _answers(one, about, group)],
            "refusals": [one for one in known["refusals"] if _answers(one, about, group)],
        }
        for about, group in groups
    ]


def _suffix(rows: Iterable[Any]) -> str:
    """Tell harms that are both a complication and an adverse effect apart."""
    return "-harm" if any(row["predicate"] in _HARMS for row in rows) else ""


def _answers(question: Mapping[str, Any], about: str, rows: Iterable[Any]) -> bool:
    predicates = {row["predicate"] for row in rows}
    return question["object"]["id"] == about and question["predicate"] in predicates


def _pooled(pooled: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    label = f"{pooled['subject']['label']}: {pooled['object']['label']}"
    plotted = forest_rows(pooled, {row["id"]: row for row in rows}, _page)
    return {**pooled, "plot": forest(plotted, f"Pooled share, {label}"), "lines": plotted}


def _others(rows: list[Any]) -> list[tuple[str, str, list[Any]]]:
    """Return the other findings by their relation: an anchor, a heading, the findings."""
    order = [*_OTHERS, ""]
    placed = sorted(rows, key=lambda row: order.index(row["predicate"] if row["predicate"] in _OTHERS else ""))
    return [
        (name or "rest", _OTHERS.get(name, "Else"), list(found))
        for name, found in groupby(placed, lambda row: row["predicate"] if row["predicate"] in _OTHERS else "")
    ]


def _levels(rows: Iterable[Any]) -> dict[int, int]:
    return dict(sorted(Counter(int(row["evidence_level"]["rank"]) for row in rows).items()))


def _balance(by_says: Mapping[str, list[Any]]) -> object:
    groups = [(name, heading, _levels(by_says[name])) for name, heading, _ in _BALANCE]
    return balance(groups, "Findings for, without a difference, and against")


def _weight(rows: Sequence[Any]) -> tuple[bool, int, int]:
    """Return what groups are ordered by: whether they lack a settled result, their best level, how many they are."""
    settled = [row for row in rows if row["says"] in _names(_BALANCE)] or list(rows)
    unsettled = settled[0]["says"] not in _names(_BALANCE)
    return unsettled, min(int(row["evidence_level"]["rank"]) for row in settled), -len(rows)


def _unstudied(cells: Iterable[Any]) -> dict[str, Any]:
    """Return the gaps by the kind of thing, those without a finding and those with opinion alone."""
    none: defaultdict[str, list[Any]] = defaultdict(list)
    opinion: defaultdict[str, list[Any]] = defaultdict(list)
    for cell in cells:
        (opinion if cell["findings"] else none)[str(cell["id"]).partition("/")[0]].append(cell)
    return {"none": dict(none), "opinion": dict(opinion)}


def _counted(references: Iterable[Any]) -> list[Any]:
    """Return entities with the number of findings that name them, the most first."""
    found: dict[str, Any] = {}
    numbers: Counter[str] = Counter()
    for one in references:
        found[str(one["iri"])] = one
        numbers[str(one["iri"])] += 1
    return [
        found[iri] | {"findings": number}
        for iri, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    ]


def _sources(rows: Iterable[Any]) -> list[Any]:
    """Return the sources: with their findings, their best level, and the kinds of study; the best and newest first."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[str(row["source"]["iri"])].append(row)
    sources = [
        {
            **group[0]["source"],
            "findings": len(group),
            "level": min((row["evidence_level"] for row in group), key=lambda level: int(level["rank"])),
            "designs": sorted({wording.plain(row["study_design"]) for row in group if "study_design" in row}),
        }
        for group in found.values()
    ]
    return sorted(sources, key=lambda one: (one["level"]["rank"], -int(one.get("year", 0)), one["id"]))


def _years(sources: Iterable[Any]) -> object:
    """Draw in which years the sources appeared; nothing when that would be one year only."""
    counts = Counter(str(one["year"]) for one in sources if "year" in one)
    moments = [Moment(year, count, "#sources") for year, count in sorted(counts.items())]
    return timeline(moments, "Years of the sources") if len(moments) > 1 else None


def _neighbourhood(iri: str, thing: Mapping[str, Any]) -> object:
    """Draw the relations that findings affirm, the most affirmed first, and the hierarchy."""
    into: list[Neighbour] = []
    out: list[Neighbour] = []
    for key, relation, side in (("subtype_of", "is a kind of", out), ("subtypes", "is a kind of", into)):
        side += [_neighbour(one, relation, 0) for one in thing.get(key, ())]
    for edge in thing.get("edges", ()):
        leaves = edge["from"]["iri"] == iri
        other, side = (edge["to"], out) if leaves else (edge["from"], into)
        relation = wording.plain(edge["predicate"])
        side.append(_neighbour(other, relation, int(edge["findings"])))
    if not into and not out:
        return None
    label = str(thing["label"])
    return neighbourhood(label, into[:_NEIGHBOURS], out[:_NEIGHBOURS], f"What lies around {label}")


def _neighbour(one: Mapping[str, Any], relation: str, findings: int) -> Neighbour:
    return Neighbour(str(one["label"]), _page(str(one["id"])), str(one["id"]).partition("/")[0], relation, findings)


def _page(id_: str) -> str:
    kind, _, slug = id_.partition("/")
    return url_for("entity_pages.page", kind=kind, slug=slug)
