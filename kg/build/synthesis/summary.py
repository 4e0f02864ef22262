"""The summary of findings: a row for each question, counted from all findings that answer it, whatever they print.

Queries say which rows there are, and which findings each counts (``ontology/synthesis/summary``); the ontology says
which outcomes come first. A row has the pooled results of its question. What is not pooled stands side by side: the
lowest and the highest of the figures that count the same thing, never a mean of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.certainty import Body
from kg.build.synthesis.figures import Formulas, Kind
from kg.build.synthesis.people import People
from kg.build.synthesis.rows import read_rows
from kg.build.synthesis.said import Said, count, read_said
from kg.build.synthesis.selection import Candidate, Mark, Question
from kg.build.synthesis.summary_words import Figures, Row, counted, row_sentence, row_title
from kg.build.synthesis.words import Labels
from kg.build.synthesis.writing import name, refs, slug
from kg.prefixes import GRAPH, ID, ONTOLOGY

#: The kinds of figures that each table shows.
_SHOWN = {
    "treatmentSummary": ("proportion", "ratio", "difference"),
    "prevalenceSummary": ("proportion",),
    "riskFactorSummary": ("ratio", "difference"),
}
#: Figures that differ in one of these count different things, and are never set side by side.
_APART = ("differentMeasure", "differentStatistic", "differentAdjustment", "differentUnit")
#: What can stand against pooling figures that are alike.
_HINDERS = ("noEvents", "uninformative", "samePopulation", "sameStudy", "reviewedStudy")
#: The stance of a finding by its verdict, and of one without a verdict by its standing; any other reports the thing.
_VERDICTS = {"favourable": "favourable", "nullResult": "nullResult", "unfavourable": "unfavourable"}
_STANDINGS = {"denied": "unfavourable", "noEffect": "nullResult"}
#: The ranks of calcinosis in a table that has no domains, of what is in no domain, and of what a treatment is used for.
_FIRST, _LAST, _USED = 0, 90, 99
_STANCES = ("favourable", "nullResult", "unfavourable", "undecided")


@dataclass(frozen=True)
class _Figure:
    """A figure of one finding: its kind, the direction of its question, and the node that gives its interval."""

    kind: Kind
    direction: str | None
    finding: Candidate
    node: Node

    @property
    def is_of_part(self) -> bool:
        """Whether it is of a part of the people with a disease: its range would not be that of all."""
        return any(name(reason) == "partOfPeople" for _, reason in self.finding.marks)

    @property
    def key(self) -> tuple[str, str | None, tuple[Mark, ...]]:
        """What figures side by side have in common."""
        apart = (mark for mark in self.finding.marks if name(mark[1]) in _APART)
        return (
            self.kind.folder,
            self.direction,
            tuple(sorted(apart, key=lambda mark: (_APART.index(name(mark[1])), mark))),
        )


@dataclass(frozen=True)
class _Known:
    """What the rows are made of: by finding its figures and what was pooled and refused of it; by outcome its place;
    and the kinds of calcinosis.
    """

    figures: Mapping[str, Sequence[_Figure]]
    pooled: Mapping[str, Sequence[Node]]
    refused: Mapping[str, Sequence[Node]]
    people: People
    order: Mapping[str, tuple[int, str]]
    calcinosis: frozenset[str]


def summary_nodes(
    store: ox.Store,
    folder: Path,
    people: People,
    asked: Iterable[tuple[Kind, Question]],
    answers: Iterable[Node],
    formulas: Formulas,
    labels: Labels,
) -> Iterator[Node]:
    """Yield every row with its figures, by the queries of a folder.

    ``asked`` are the questions that findings answer with figures, ``answers`` the nodes of what was pooled or refused.
    """
    said = read_said(store, folder)
    answers = list(answers)
    known = _Known(
        figures=_figures(asked, formulas),
        pooled=_by_finding((one for one in answers if one["type"].startswith("Pooled")), "input"),
        refused=_by_finding((one for one in answers if one["type"] == "PoolingRefusal"), "considers"),
        people=people,
        order=_order(read_rows(store, folder / "order.rq")),
        calcinosis=frozenset(row["kind"] for row in read_rows(store, folder / "calcinosis.rq")),
    )
    rows = [
        _row(keys, findings, elsewhere, known)
        for keys, findings, elsewhere in _answers(read_rows(store, folder / "rows.rq"), said)
    ]
    for _, group in groupby(rows, _part_of_table):
        ordered = sorted(group, key=lambda row: (row.rank, not row.results, -(row.people or 0), -row.studies, row.iri))
        for place, row in enumerate(ordered, 1):
            yield from _nodes(replace(row, place=place), labels)


def row_body(row: Node) -> Body:
    """Return the body of evidence of a row: its results, which may be of the same people."""
    findings = [one["id"] for one in row["input"]]
    return Body(row["id"], findings, studies=row["studyCount"], people=row.get("peopleCount"))


def _part_of_table(row: Row) -> tuple[str, str]:
    """Return within what rows have an order: those on one treatment, or a whole table of another kind."""
    return row.table, row.subject if name(row.table) == "treatmentSummary" else ""


def _answers(
    rows: Iterable[Mapping[str, str]], said: Mapping[str, Said]
) -> Iterator[tuple[tuple[str, ...], list[Said], int]]:
    """Yield each question with the findings that count, and how many are elsewhere; only where one counts."""
    for keys, group in groupby(
        rows, lambda row: tuple(row[key] for key in ("table", "subject", "predicate", "object"))
    ):
        found = {row["finding"]: row["elsewhere"] == "true" for row in group if row["finding"] in said}
        if findings := [said[iri] for iri, elsewhere in found.items() if not elsewhere]:
            yield keys, findings, sum(found.values())


def _row(keys: tuple[str, ...], findings: Sequence[Said], elsewhere: int, known: _Known) -> Row:
    table, subject, predicate, object_ = keys
    shown = _SHOWN[name(table)]
    results = [one for one in findings if one.is_result or _is_counted(one, shown, known)]
    figures = [
        one
        for result in results
        for one in known.figures.get(result.iri, ())
        if one.kind.folder in shown and not one.is_of_part
    ]
    within = {one.iri for one in results}
    pooled = {
        one["id"]: one
        for result in results
        for one in known.pooled.get(result.iri, ())
        if _inputs(one) <= within and _folder(one) in shown
    }
    has_figure = {one.finding.iri for one in figures}.union(*map(_inputs, pooled.values()))
    stances = [_stance(one, name(predicate)) for one in results]
    counted_people = count(results, known.people)
    rank, domain = _place(name(table), name(predicate), object_, known)
    ends = "/".join((subject.removeprefix(ID), name(predicate), object_.removeprefix(ID)))
    return Row(
        iri=f"{GRAPH}synthesis#summary/{ends}",
        table=table,
        subject=subject,
        predicate=predicate,
        object=object_,
        rank=rank,
        domain=domain,
        findings=tuple(findings),
        results=tuple(results),
        stances={stance: stances.count(stance) for stance in _STANCES},
        studies=len({study for one in results for study in known.people.origins[one.iri].studies}),
        people=counted_people.people,
        at_least=counted_people.at_least,
        elsewhere=elsewhere,
        others=tuple(one.iri for one in results if one.figure and one.iri not in has_figure),
        pooled=tuple(sorted(pooled.values(), key=lambda one: (-one["inputCount"], one["id"]))),
        figures=tuple(_side_by_side(figures, pooled.values(), known)),
    )


def _place(table: str, predicate: str, object_: str, known: _Known) -> tuple[int, str | None]:
    """Return the rank of a row in its table, and the domain of its outcome."""
    if table == "prevalenceSummary":
        return _FIRST if object_ in known.calcinosis else _LAST, None
    if table == "riskFactorSummary":
        return _LAST, None
    return (_USED, None) if predicate == "treats" else known.order.get(object_, (_LAST, None))


def _is_counted(finding: Said, shown: Sequence[str], known: _Known) -> bool:
    """Tell whether an opinion counts people, which makes it a result."""
    return (
        finding.is_opinion
        and finding.level is not None
        and any(one.kind.folder in shown for one in known.figures.get(finding.iri, ()))
    )


def _inputs(pooled: Node) -> set[str]:
    return {ref["id"] for ref in pooled["input"]}


def _folder(pooled: Node) -> str:
    """Return the kind of figures that was pooled."""
    return str(pooled["type"]).removeprefix("Pooled").lower()


def _stance(finding: Said, predicate: str) -> str:
    """Return what a result says: for the treatment, or that the thing was seen; no difference; against; neither."""
    if finding.verdict:
        return _VERDICTS.get(name(finding.verdict), "undecided")
    if predicate == "associatedWith" and name(finding.direction or "/") == "decreased":
        return "unfavourable"
    return _STANDINGS.get(name(finding.standing), "favourable")


def _side_by_side(shown: Sequence[_Figure], pooled: Iterable[Node], known: _Known) -> Iterator[Figures]:
    """Yield figures that count the same thing, the lowest and the highest.

    Of two that may share people one counts, and none of those that may share people with what was pooled.
    """
    taken: defaultdict[str, list[str]] = defaultdict(list)
    for one in pooled:
        taken[_folder(one)] += _inputs(one)
    groups: defaultdict[object, list[_Figure]] = defaultdict(list)
    for figure in sorted(shown, key=lambda one: (-(one.finding.people or 0), one.finding.iri)):
        iri, group = figure.finding.iri, groups[figure.key]
        others = [*taken[figure.kind.folder], *(one.finding.iri for one in group)]
        if not any(known.people.reasons(iri, other) for other in others):
            group.append(figure)
    for group in sorted(filter(None, groups.values()), key=lambda group: (-len(group), str(group[0].key))):
        ranked = sorted(group, key=lambda one: (float(one.node["estimate"]["@value"]), one.finding.iri))
        folder, direction, common = group[0].key
        words = [folder, *([name(direction)] if direction else []), *(mark.rpartition("/")[2] for mark, _ in common)]
        yield Figures(
            part="-".join(map(slug, words)),
            direction=direction,
            common=common,
            reasons=_reasons(group, known),
            count=len(group),
            lowest=ranked[0].node,
            highest=ranked[-1].node,
        )


def _reasons(group: Sequence[_Figure], known: _Known) -> tuple[str, ...]:
    """Return why figures are not pooled: that they differ, or else what stands against pooling like ones."""
    if len(group) == 1:
        return ()
    marks = [one.finding.marks for one in group]
    if reasons := {reason for one in marks for other in marks for _, reason in one ^ other}:
        return tuple(sorted(reasons))
    refusals = (one for figure in group for one in known.refused.get(figure.finding.iri, ()))
    return tuple(sorted({ref["id"] for one in refusals for ref in one["because"] if name(ref["id"]) in _HINDERS}))


def _figures(asked: Iterable[tuple[Kind, Question]], formulas: Formulas) -> dict[str, list[_Figure]]:
    """Return the figures of each finding."""
    figures: defaultdict[str, list[_Figure]] = defaultdict(list)
    for kind, question in asked:
        for finding in question.findings:
            if finding.figure:
                node = kind.study(finding, formulas)
                figures[finding.iri].append(_Figure(kind, question.direction, finding, node))
    return figures


def _by_finding(nodes: Iterable[Node], key: str) -> dict[str, list[Node]]:
    """Return nodes by the findings that a key of theirs names."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for one in nodes:
        for ref in one[key]:
            found[ref["id"]].append(one)
    return found


def _order(rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[int, str]]:
    """Return the rank and the domain of each outcome: the first of its domains."""
    order: dict[str, tuple[int, str]] = {}
    for row in rows:
        order.setdefault(row["object"], (int(row["rank"]), row["domain"]))
    return order


def _nodes(row: Row, labels: Labels) -> Iterator[Node]:
    """Yield a row, and its figures that stand side by side."""
    levels = sorted((one.rank, one.level) for one in row.results or row.findings if one.level)
    opinions = [one for one in row.findings if one not in row.results and one.is_opinion]
    yield {
        "id": row.iri,
        "type": "SummaryRow",
        "label": row_title(row, labels),
        "plainWords": row_sentence(row, labels),
        "inSummary": {"id": row.table},
        "place": row.place,
        "questionSubject": {"id": row.subject},
        "questionPredicate": {"id": row.predicate},
        "questionObject": {"id": row.object},
        "considers": refs(one.iri for one in row.findings),
        "input": refs(one.iri for one in row.results),
        "inputCount": len(row.results),
        "studyCount": row.studies,
        **{f"{stance}Count": number for stance, number in row.stances.items()},
        "opinionCount": len(opinions),
        "withoutResultCount": len(row.findings) - len(row.results) - len(opinions),
        "elsewhereCount": row.elsewhere,
        "otherFigure": refs(row.others),
        "summarises": refs(one["id"] for one in row.pooled),
        "sideBySide": refs(f"{row.iri}/{one.part}" for one in row.figures),
        **({"bestEvidenceLevel": {"id": levels[0][1]}, "worstEvidenceLevel": {"id": levels[-1][1]}} if levels else {}),
        **({"peopleCount": row.people, "peopleAtLeast": row.at_least} if row.people else {}),
        **({"outcomeDomain": {"id": row.domain}} if row.domain else {}),
    }
    for one in row.figures:
        yield {
            "id": f"{row.iri}/{one.part}",
            "type": "SummaryFigures",
            "label": f"{row_title(row, labels)}: {counted(one, labels)}",
            "effectMeasure": one.lowest["effectMeasure"],
            "studyCount": one.count,
            "lowestFigure": {"id": one.lowest["id"]},
            "highestFigure": {"id": one.highest["id"]},
            "because": refs(one.reasons),
            "inCommon": refs(mark for mark, _ in one.common if mark.startswith(ONTOLOGY)),
            "inCommonInWords": [mark for mark, _ in one.common if not mark.startswith(ONTOLOGY)],
            **({"questionDirection": {"id": one.direction}} if one.direction else {}),
        }
