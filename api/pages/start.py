"""The front door: the start page, ``/search``, ``/about``, and ``/settings`` with every limit and its value."""

from dataclasses import asdict
from functools import lru_cache

from flask import Response, current_app, jsonify, make_response, redirect, render_template, request, url_for

from api.data import schema_org
from api.http.limits import limits
from api.http.negotiation import accepted
from api.http.problems import KINDS, Pages
from api.http.responses import HTML, respond
from api.http.serving import described, engine, labels, once_per_snapshot, served
from api.pages import check_parameters
from api.pages.charts import CHARTS
from api.pages.summary import shown
from api.rest.search import read_combination, search
from kg.engine import GRAPHS
from kg.errors import NotAcceptableError
from kg.prefixes import ID
from kg.queries import Question
from kg.read.description import Description
from kg.read.entities import first, read_properties
from kg.read.labels import Json
from kg.read.network import read_counts
from kg.read.questions import questions
from kg.read.summary import read_summary_rows

#: The questions of the start page, from the most specific to the most general.
_FIRST_QUESTIONS = (
    "topical-sodium-thiosulfate-result",
    "recurrence-after-calcinosis-surgery",
    "infection-after-calcinosis-surgery",
    "calcinosis-prevalence-in-systemic-sclerosis",
    "does-drug-treatment-of-calcinosis-work",
)

#: What a search finds, in the order of the page: the type, and how many hits of it are shown at most.
_FOUND = {
    "Entities": ("Entity", 50),
    "Findings": ("Finding", 20),
    "Questions": ("Question", 10),
    "Terms of other vocabularies": ("Term", 20),
}
_LONGEST = 200  # letters of a search text that are used

blueprint = Pages("pages", __name__)
blueprint.before_request(check_parameters)


@blueprint.get("/")
def start() -> Response:
    """Show what the dataset contains and the ways to use it; clients that prefer RDF get its description."""
    snapshot, description = served().snapshot, described()
    if description and _wants_graph():
        response = make_response(redirect(url_for("discovery.void"), 303))
    else:
        about = schema_org.dataset(description) if description else None
        response = make_response(render_template("start.html", snapshot=snapshot, about=about, **_shown(description)))
    response.headers["Vary"] = "Accept"
    return response


def _shown(description: Description | None) -> dict[str, object]:
    """Return what the start page shows of the dataset; nothing where plain files are served."""
    if description is None:
        return {}
    issued = first(description.version, "issued")
    return {
        "overview": _overview(served().version) | {"issued": issued},
        "answered": _answered(),
        "questions": len(questions()),
        "charts_shown": [chart for draw in CHARTS.values() if (chart := draw())],
    }


@once_per_snapshot
def _answered() -> list[tuple[Question, list[Json]]]:
    """Return the first questions, each with the rows of the summary of findings that answer it."""
    asked = [questions()[slug] for slug in _FIRST_QUESTIONS]
    return [(one, shown(read_summary_rows(labels(), one.in_short))) for one in asked]


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _overview(version: str) -> dict[str, object]:
    """Return the number of treatments, of findings at each level and with a figure, and the years of the sources."""
    assert version == served().version
    here = labels()
    counts = read_counts(here)["levels"]
    assert isinstance(counts, dict)
    records = read_properties(engine(), [level["iri"] for level in here.levels.values()])
    most = max(counts.values())
    years = [int(str(work["year"])) for iri, work in here.works.items() if f"{ID}source/" in iri and "year" in work]
    return {
        "treatments": sum(iri.startswith(f"{ID}treatment/") for iri in here.entities),
        "levels": [
            {
                "level": level,
                "meaning": first(records[level["iri"]], "definition"),
                "findings": counts.get(level["id"], 0),
                "share": 100 * counts.get(level["id"], 0) / most,
            }
            for level in here.levels.values()
        ],
        "read": {row.get("label", "the document itself"): row["sources"] for row in here.select("read/texts")},
        **here.select("read/figure-counts")[0],
        "newest": max(years, default=None),
        "oldest": min(years, default=None),
    }


@blueprint.get("/search", endpoint="search")
def find() -> Response:
    """List what matches a text, the best match first: entities, findings, questions, terms of other vocabularies."""
    text = request.args.get("q", "").strip()[:_LONGEST]

    def write() -> str:
        every = {heading: search(text, [type_], most, 0) for heading, (type_, most) in _FOUND.items() if text}
        found = {heading: one for heading, one in every.items() if one.hits}
        combination = read_combination(text, 2 if found else 1)
        return render_template("search.html", asked=text, combination=combination, found=found)

    return respond(HTML, write)


@blueprint.get("/about")
def about() -> str:
    """Explain what a finding is, how certain the evidence is, and how to cite."""
    return render_template("about.html", snapshot=served().snapshot)


@blueprint.get("/settings")
def settings() -> Response:
    """List the limits, as a page or as JSON by ``Accept`` or ``?format=``."""
    rows = limits(current_app.extensions["settings"])
    if _wants_json():
        body = [
            asdict(row)
            | {"problems": [url_for("problems.explain", name=name, _external=True) for name in row.problems]}
            for row in rows
        ]
        response = jsonify(limits=body)
    else:
        response = make_response(render_template("settings.html", limits=rows, kinds=KINDS))
    response.headers["Vary"] = "Accept"
    return response


def _wants_graph() -> bool:
    best = accepted().best_match(["text/html", *(row.media_type for row in GRAPHS)], "text/html")
    return best != "text/html"


def _wants_json() -> bool:
    types = {"html": "text/html", "json": "application/json"}
    asked = request.args.get("format")
    found = types.get(asked) if asked else accepted().best_match(types.values(), "text/html")
    if found is None or (not asked and accepted() and not accepted()[found]):
        raise NotAcceptableError("the limits are served as text/html and application/json")
    return found == types["json"]
