"""``/summary``: the summary of findings as tables, to read, to embed and to download."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response, abort, render_template, url_for

from api.http.problems import Pages
from api.http.responses import CSV, HTML, respond
from api.http.serving import labels, served
from api.pages import check_parameters
from kg.engine import Format
from kg.export import Extract, Filters
from kg.export.fhir_summary import write_bundle
from kg.export.summary import marked, write_table, write_workbook
from kg.prefixes import ID
from kg.read.findings import read_findings
from kg.read.labels import Json
from kg.read.summary import read_summary, summarised

_XLSX = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "graph")
_FHIR = Format("fhir", "application/fhir+json", "fhir.json", "graph")
#: What the tables are called that are not on a treatment, and what their rows are on.
_TITLES = {
    "prevalence": "Prevalence of calcinosis and associated features",
    "risk-factors": "Factors associated with calcinosis",
}
_CAPTIONS = {
    "treatment": "One row for each outcome with a result. Outcomes that matter most to patients come first.",
    "prevalence": "One row for each question with a result. Calcinosis comes first, then by number of people.",
    "risk-factors": "One row for each question with a result, by number of people.",
}
_FIRST_COLUMNS = {
    "treatment": "Outcome",
    "prevalence": "Feature and population",
    "risk-factors": "Factor and calcinosis",
}
#: What results say, in the order of a cell: of a treatment, of an association, and of anything else.
_STANCES = {
    "treatment": ("favourable", "without a difference", "unfavourable", "unclear"),
    "risk-factors": ("with an association", "without a difference", "with none or the opposite", "unclear"),
    "": ("reported", "without a difference", "reported absent", "unclear"),
}
_HARMS = ("hasComplication", "hasAdverseEffect")
_KEYS = ("favourable", "no_difference", "unfavourable", "undecided")
#: The heading of what a treatment is used for, and of outcomes in no domain.
_USED, _OTHER = "Used for", "Other outcomes"
#: A page to embed in others: no script, and its style inside.
_EMBEDDED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors *"

blueprint = Pages("summary_pages", __name__)
blueprint.before_request(check_parameters)


@blueprint.get("/summary")
def index() -> Response:
    """List the tables: those on treatments with their numbers of results, and the others."""

    def write() -> str:
        known = summarised(labels())
        treatments = sorted(known["treatment"], key=lambda one: (-one["with_results"], one["label"]))
        totals = {name: sum(one["with_results"] for one in known[name]) for name in _TITLES}
        return render_template("summary_index.html", treatments=treatments, titles=_TITLES, totals=totals)

    return respond(HTML, write)


@blueprint.get("/summary/<name>")
def table(name: str) -> Response:
    """Show a table."""
    title, rows = _find(name)
    return respond(HTML, lambda: render_template("summary.html", name=name, title=title, **in_groups(name, rows())))


@blueprint.get("/summary/<name>/embed")
def embed(name: str) -> Response:
    """Show the table alone, as a page that other sites can embed: without scripts, its style inside."""
    title, rows = _find(name)

    def write() -> str:
        return render_template("summary_embed.html", name=name, title=title, about=_about(), **in_groups(name, rows()))

    response = respond(HTML, write)
    response.headers["Content-Security-Policy"] = _EMBEDDED
    return response


@blueprint.get("/summary/<name>/table.csv")
def table_csv(name: str) -> Response:
    """Send a table as CSV."""
    _, rows = _find(name)
    return _download(respond(CSV, lambda: write_table(rows())), name, CSV)


@blueprint.get("/summary/<name>/table.xlsx")
def table_xlsx(name: str) -> Response:
    """Send a table as a workbook."""
    title, rows = _find(name)
    return _download(respond(_XLSX, lambda: b"".join(write_workbook(rows(), title, _about()))), name, _XLSX)


@blueprint.get("/summary/<name>/table.fhir.json")
def table_fhir(name: str) -> Response:
    """Send a table as a FHIR R5 bundle."""
    title, rows = _find(name)

    def write() -> str:
        address = url_for("summary_pages.table", name=name, _external=True)
        return write_bundle(labels(), rows(), title, address, _about())

    return _download(respond(_FHIR, write), name, _FHIR)


def in_groups(name: str, rows: Sequence[Json]) -> dict[str, Any]:
    """Return what a page shows of the rows of a table: those with a result by domain, and those without."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for row in shown(rows):
        groups[_heading(row)].append(row)
    kind = rows[0]["table"] if rows else "treatment"
    return {
        "summary_name": name,
        "groups": dict(groups),
        "without": [row | {"said": _without(row)} for row in rows if not row["results"]],
        "first_column": _FIRST_COLUMNS[kind],
        "caption": _CAPTIONS[kind],
    }


def shown(rows: Sequence[Json]) -> list[Json]:
    """Return the rows with a result, with the words of their cells."""
    others = _other_figures(rows)
    return [
        row
        | {
            "said": list(_said(row)),
            "marked": list(_by_domain(row)),
            "other_figures": [others[id_] for id_ in row["other_figures"]],
        }
        for row in rows
        if row["results"]
    ]


def _find(name: str) -> tuple[str, Callable[[], list[Json]]]:
    """Return the title of a table and what reads its rows; 404 where there is none."""
    if name in _TITLES:
        return _TITLES[name], lambda: read_summary(labels(), name)
    iri = f"{ID}treatment/{name}"
    if iri not in labels().entities:
        abort(404, f"there is no summary of findings {name!r}; there are prevalence, risk-factors and the treatments")
    return f"{labels().reference(iri)['label']}: summary of findings", lambda: read_summary(labels(), "treatment", iri)


def _heading(row: Json) -> str:
    """Return the heading that a row stands below; none where a table has no domains."""
    if row["table"] != "treatment":
        return ""
    heading = _USED if row["predicate"] == "treats" else row.get("domain", _OTHER)
    return str(heading[:1].upper() + heading[1:])


def _other_figures(rows: Sequence[Json]) -> dict[str, Json]:
    """Return by id the findings whose figure cannot be set beside others; only their statements tell what it counts."""
    iris = sorted({ID + id_ for row in rows for id_ in row["other_figures"]})
    return {one["id"]: one for one in read_findings(labels(), iris)}


def _said(row: Json) -> Iterator[tuple[str, int, str]]:
    """Yield what results say: the verdict, the number, and the words."""
    words = _STANCES["" if row["predicate"] in _HARMS else row["table"] if row["table"] in _STANCES else ""]
    for key, text in zip(_KEYS, words, strict=True):
        if row[key]:
            yield key, row[key], text


def _by_domain(row: Json) -> Iterator[tuple[str, list[str]]]:
    """Yield each domain of certainty with its signals that are beyond their threshold."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for domain, words in marked(row):
        found[domain].append(words)
    yield from found.items()


def _without(row: Json) -> str:
    """Say what findings there are instead of a result."""
    parts = [
        (row["opinions"], "statement of opinion", "statements of opinion"),
        (row["without_result"], "aim, hypothesis or use without a result", "aims, hypotheses or uses without a result"),
    ]
    return ", ".join(f"{number} {one if number == 1 else more}" for number, one, more in parts if number)


def _about() -> Mapping[str, str]:
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "there is no summary of findings where plain files are served")
    return Extract(labels(), Filters(), snapshot=snapshot).about


def _download(response: Response, name: str, format_: Format) -> Response:
    file = f"calcikg-summary-{name}-{served().version}.{format_.extension}"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response
