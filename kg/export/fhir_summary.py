"""A summary of findings as a FHIR R5 bundle: an EvidenceReport with a section for each row, Evidence for each result.

The signals of certainty are notes of its subcomponents: only a rating that a named curator recorded is a rating here.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from kg.export.fhir import variables
from kg.export.fhir_parts import ESTIMATES, STATISTICS, Codes, quantity, variable_definitions
from kg.export.text import to_json
from kg.prefixes import ONTOLOGY
from kg.read.labels import Json, Labels

_SYSTEM = "https://w3id.org/calcikg"
_CONFIDENCE = 0.95
_NO_GRADE = "Signals for a panel to weigh; none of them is a grade."


def write_bundle(labels: Labels, rows: Sequence[Json], title: str, address: str, about: Mapping[str, str]) -> str:
    """Return the bundle of a table: the report, the evidence of each row with a result, and their variables."""
    codes = Codes(labels)
    shared: Json = {"version": about["snapshot"], "status": "active", "publisher": about["creator"]}
    shared |= {"copyright": about["license"]}
    evidence = [_evidence(codes, row) for row in rows if row["results"]]
    entities = sorted({row[end]["iri"] for row in rows if row["results"] for end in ("subject", "object")})
    resources = [*(one | shared for one in evidence), *(one | shared for one in variables(labels, entities))]
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": _SYSTEM, "value": f"{about['snapshot']} {address}"},
        "type": "collection",
        "entry": [
            {"fullUrl": one["url"], "resource": one} for one in (_report(rows, title, address, about), *resources)
        ],
    }
    return to_json(bundle).decode()


def _report(rows: Sequence[Json], title: str, address: str, about: Mapping[str, str]) -> Json:
    return {
        "resourceType": "EvidenceReport",
        "url": address,
        "status": "active",
        "identifier": [{"system": _SYSTEM, "value": address}],
        "citeAsMarkdown": f"{title}. In: {about['citation']}",
        "subject": {"note": [{"text": title}]},
        "publisher": about["creator"],
        "section": [_section(row) for row in rows],
    }


def _section(row: Json) -> Json:
    text = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(row["sentence"])}</p></div>'
    section: Json = {"title": row["label"], "text": {"status": "generated", "div": text}}
    if row["results"]:
        section["entryReference"] = [{"reference": row["iri"], "type": "Evidence", "display": row["label"]}]
    return section


def _evidence(codes: Codes, row: Json) -> Json:
    statistics = [*_means(codes, row), *_single(codes, row)]
    return {
        "resourceType": "Evidence",
        "url": row["iri"],
        "title": row["label"],
        "description": row["sentence"],
        "relatedArtifact": [
            {"type": "derived-from", "display": one, "document": {"url": f"{_SYSTEM}/id/{one}"}}
            for one in row["findings"]
        ],
        "variableDefinition": [*variable_definitions(codes, row)],
        "statistic": statistics or [_counted(row)],
        "certainty": [*_ratings(codes, row), _signals(row)],
        "extension": [
            {"url": f"{ONTOLOGY}{name}", "valueUnsignedInt": row[key]}
            for key, name in (
                ("studies", "studyCount"),
                ("favourable", "favourableCount"),
                ("no_difference", "nullResultCount"),
                ("unfavourable", "unfavourableCount"),
                ("undecided", "undecidedCount"),
                ("opinions", "opinionCount"),
                ("elsewhere", "elsewhereCount"),
            )
        ],
    }


def _means(codes: Codes, row: Json) -> Iterator[Json]:
    """Yield the pooled results."""
    for one in row["pooled"]:
        size = {"numberOfStudies": one["studies"]}
        size |= {"numberOfParticipants": one["people"]} if "people" in one else {}
        yield {"description": f"pooled: {one['label']}", **_figure(codes, one["measure"], one), "sampleSize": size}


def _single(codes: Codes, row: Json) -> Iterator[Json]:
    """Yield the lowest and the highest of figures that stand side by side."""
    for figures in row["figures"]:
        ends = ("lowest", "highest") if figures["studies"] > 1 else ("lowest",)
        for end in ends:
            one = figures[end]
            words = f"{end} of {figures['studies']} studies, not pooled" if len(ends) > 1 else "one study"
            statistic = {"description": f"{words}: {one['finding']}", **_figure(codes, figures["measure"], one)}
            if "events" in one:
                statistic |= {"numberAffected": one["events"], "sampleSize": {"knownDataCount": one["total"]}}
            yield statistic


def _figure(codes: Codes, measure: str, figure: Json) -> Json:
    unit = figure.get("unit")
    bounds = {"low": quantity(figure["lower"], unit), "high": quantity(figure["upper"], unit)}
    return {
        "statisticType": codes.concept(measure, STATISTICS, codes.code("statisticCode", measure)),
        "quantity": quantity(figure["estimate"], unit),
        "attributeEstimate": [
            {
                "type": codes.concept("ci95", ESTIMATES, codes.code("estimateCode", "ci95")),
                "level": _CONFIDENCE,
                "range": bounds,
            }
        ],
    }


def _counted(row: Json) -> Json:
    """Return how many studies and people there are, where no figure is."""
    size = {"numberOfStudies": row["studies"]} | ({"numberOfParticipants": row["people"]} if "people" in row else {})
    return {"description": "no figure that can be compared with another", "sampleSize": size}


def _ratings(codes: Codes, row: Json) -> Iterator[Json]:
    for one in row["ratings"]:
        yield {
            "description": one["rationale"],
            "rating": codes.concept(one["rating"]),
            "rater": f"{one['curator']}, {one['date']}",
        }


def _signals(row: Json) -> Json:
    parts = [
        {"type": {"text": domain["label"]}, "note": [{"text": signal["words"]} for signal in domain["signals"]]}
        for domain in row["certainty"]
        if domain["signals"]
    ]
    return {"description": _NO_GRADE, "subcomponent": parts} if parts else {"description": _NO_GRADE}
