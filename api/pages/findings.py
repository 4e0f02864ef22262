"""Findings on the pages: their rows with a bar for the figure, their facts, and the list of findings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Response, abort, render_template, request

from api.http.responses import HTML, respond
from api.http.serving import labels
from api.pages import wording
from api.pages.brief import in_brief
from api.pages.cite import cite_list
from api.pages.pictures.intervals import KINDS, Figure, bar, figure_of, sample, scale_of
from kg.queries import Parameter
from kg.read.combination import read_nearest
from kg.read.facets import Value, read_facets
from kg.read.filters import Filters, finding_filters, resolve
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json
from kg.read.listing import Listing
from kg.read.schema import Key

#: Findings, or other entities, on one page of a list.
ROWS = 50
#: Values of one facet, the most frequent first.
VALUES = 12
#: The filters to choose from on the list of findings, in the order of a clinical question, with their headings.
FACETS = {
    "disease": "Disease or subtype",
    "population": "Population",
    "treatment": "Treatment",
    "outcome": "Outcome or complication",
    "site": "Site",
    "kind": "Kind of finding",
    "verdict": "Verdict",
    "figure": "With a figure",
    "study_design": "Study design",
    "max_level": "Evidence level",
    "since": "Year of the source",
    "source": "Source",
}
#: Figures share a scale only with those of the same measure, unit and instrument.
_ALIKE = ("measure", "statistic", "unit", "instrument")
#: Keys that are no fact of their own on the page of a finding, each with where the page shows them.
ELSEWHERE = {
    **dict.fromkeys(("id", "iri"), "in the section on data"),
    "kind": "above the heading",
    "statement": "the heading",
    **dict.fromkeys(("subject", "predicate", "object", "negated"), "in the relation below the heading"),
    **dict.fromkeys(
        ("lower", "upper", "interval", "spread", "unit", "baseline", "comparison", "qualifier"), "in the figure"
    ),
    **dict.fromkeys(("denominator", "exact_interval"), "in the counts"),
    "disagreements": "in a list of their own",
    **dict.fromkeys(("source", "locator", "verified", "verified_in"), "in the section on the source passage"),
}
#: Facts that say more than the value of their key: their label, and their words.
_WORDED: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "value": ("Figure", wording.figure),
    "numerator": ("Counts", wording.counts),
    "reported": ("As printed", lambda finding: f"“{finding['reported']}”" if "reported" in finding else ""),
    "evidence_level": ("Evidence level", lambda finding: wording.level(finding["evidence_level"])),
}


def mark(finding: Mapping[str, Any]) -> str:
    """Return how the direction of a finding is coloured: by its verdict, or ``open`` when that is not settled."""
    verdict: str = finding.get("verdict", "")
    return verdict if verdict in wording.SETTLED else "open"


def rows_of(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return findings, those with a figure also with its ``bar`` and ``figure_kind``."""
    figures = [figure_of(one) for one in findings]
    alike: defaultdict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for one, figure in zip(findings, figures, strict=True):
        if figure:
            alike[_quantity(one, figure)].append(figure)
    scales = {quantity: scale_of(group) for quantity, group in alike.items()}
    rows = []
    for one, figure in zip(findings, figures, strict=True):
        row = dict(one)
        if figure:
            words = wording.counts(one) if figure.kind == "exact" else wording.figure(one)
            row["bar"] = bar(figure, scales[_quantity(one, figure)], words, wording.unit(figure.unit))
            row["figure_kind"] = figure.kind
        rows.append(row)
    return rows


def key_of(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return the key of the bars on a page: an example and the meaning of each kind of bounds that occurs."""
    kinds = {row["figure_kind"] for row in rows if "figure_kind" in row}
    return [{"sample": sample(kind), "meaning": meaning} for kind, meaning in KINDS.items() if kind in kinds]


def _quantity(finding: Mapping[str, Any], figure: Figure) -> tuple[object, ...]:
    return ("%",) if figure.is_share else tuple(str(finding.get(key)) for key in _ALIKE)


def facts_of(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the facts on the page of a finding, in the order of the schema: their label, definition and values.

    A value is a reference to an entity, or text.
    """
    facts = []
    for key in labels().schema.keys:
        if key.name in ELSEWHERE:
            continue
        label, words = _WORDED.get(key.name, (key.label, None))
        values = [words(finding)] if words else _values(key, finding)
        if any(values):
            facts.append({"label": label, "definition": key.definition, "values": values})
    return facts


def _values(key: Key, finding: Mapping[str, Any]) -> list[Any]:
    """Return the values of a key, terms by their labels."""
    given = finding.get(key.name, [])
    values = given if key.many else [given] if key.name in finding else []
    match key.form:
        case "term":
            return [wording.plain(value) for value in values]
        case "entity" | "population" | "source":
            return list(values)
        case "quantity":
            return [wording.quantity(value) for value in values]
        case "boolean":
            return ["yes" if value else "no" for value in values]
        case _:
            return [str(value) for value in values]


def read_filters() -> Filters:
    """Return the filters of findings of the request; raises FilterError for an unknown one."""
    given = [(name, text) for name, text in request.args.items(multi=True) if text and name != "start"]
    return Filters.read(given, finding_filters(labels()))


def facets_of(found: Listing, filters: Mapping[str, Parameter], names: Iterable[str], by: str = "") -> list[Any]:
    """Return facets of a list of findings: name, number of values, and the first of these with words and number.

    ``by`` is what is counted in place of findings, as ``read_facets`` has it.
    """
    counted = [name for name in names if name not in filters]
    facets = read_facets(labels(), found, filters, counted, by) if found.total else {}
    return [(name, len(facets[name]), _words(name, facets[name][:VALUES])) for name in counted if facets.get(name)]


def listing() -> Response:
    """List all findings, or those that fit the filters of the query; raises FilterError for an unknown filter."""
    start, filters = first_row(), read_filters()
    resolved = resolve(labels(), filters)

    def write() -> str:
        found = find_findings(labels(), resolved)
        return render_template(
            "findings.html",
            rows=read_findings(labels(), found.part(ROWS, start=start)),
            total=found.total,
            start=start,
            step=ROWS,
            pairs=filters.pairs,
            facets=facets_of(found, resolved, FACETS),
            headings=FACETS,
            brief=in_brief(found, filters, resolved),
            **cite_list("finding", filters.pairs),
            nearest=[] if found.total else read_nearest(labels(), filters),
        )

    return respond(HTML, write)


def first_row() -> int:
    """Return the number of the first row of a page of a list; 400 for what is no number."""
    text = request.args.get("start", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        abort(400, "start is the number of the first row, such as 50")
    return int(text)


def _words(name: str, values: Sequence[Value]) -> list[tuple[str, str, int]]:
    """Return values of a filter with their words and their numbers of findings."""
    return [(one.value, wording.filter_value(name, one.value), one.number) for one in values]
