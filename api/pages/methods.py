"""``/methods``, how the evidence is collected, read and summed up, and ``/glossary``, what the words of the pages mean.

Numbers and definitions are read from the graph: the pages say nothing of their own that could differ from it.
"""

from collections import defaultdict
from operator import itemgetter
from typing import Any

from flask import Response, render_template

from api.http.problems import Pages
from api.http.responses import HTML, respond
from api.http.serving import labels, once_per_snapshot, served
from api.pages import check_parameters
from kg.engine import Row
from kg.prefixes import ID
from kg.read.evidence import VERDICTS
from kg.read.labels import local
from kg.read.network import read_counts

blueprint = Pages("methods_pages", __name__)
blueprint.before_request(check_parameters)


@blueprint.get("/methods")
def methods() -> Response:
    """Tell how sources are read, how findings are checked and summed up, and what the dataset cannot say."""
    return respond(HTML, lambda: render_template("methods.html", snapshot=served().snapshot, **_numbers()))


@blueprint.get("/glossary")
def glossary() -> Response:
    """Define the terms that the pages use."""
    return respond(HTML, lambda: render_template("glossary.html", terms=_terms()))


@once_per_snapshot
def _numbers() -> dict[str, Any]:
    """Return the numbers of the page of methods, and the terms that it defines by their vocabulary."""
    here = labels()
    years = [int(str(work["year"])) for iri, work in here.works.items() if f"{ID}source/" in iri and "year" in work]
    at_level = read_counts(here)["levels"]
    vocabularies: defaultdict[str, list[Row]] = defaultdict(list)
    for term in _terms():
        if "vocabulary" in term:
            vocabularies[local(term["vocabulary"])].append(term)
    return {
        "numbers": here.select("read/methods")[0],
        "texts": here.select("read/texts"),
        "levels": [
            term | {"level": here.level(term["term"]), "findings": at_level.get(term["anchor"], 0)}
            for term in sorted(vocabularies["EvidenceLevel"], key=itemgetter("place"))
        ],
        "verdicts": sorted(vocabularies["Verdict"], key=lambda term: VERDICTS.index(term["anchor"])),
        "domains": sorted(vocabularies["CertaintyDomain"], key=itemgetter("place")),
        "newest": max(years, default=None),
    }


@once_per_snapshot
def _terms() -> list[Row]:
    """Return every term of the glossary with its anchor, in the order of the alphabet."""
    return [row | {"anchor": row["term"].rpartition("/")[2]} for row in labels().select("read/glossary")]
