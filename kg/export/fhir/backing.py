"""What findings refer to: entities as EvidenceVariable resources, sources and studies as Citation resources."""

from collections.abc import Iterator, Sequence

from kg.export.batches import batches
from kg.export.fhir.codes import external_coding
from kg.prefixes import ID, ONTOLOGY
from kg.read.entities import first, read_properties, read_sources
from kg.read.labels import Json, Labels


def read_variables(labels: Labels, iris: Sequence[str]) -> Iterator[Json]:
    """Yield a variable for each entity, defined by its own code and by those of terms that match it exactly."""
    for batch in batches(iris):
        written = read_properties(labels.engine, batch)
        for iri in batch:
            entity, texts = labels.entities[iri], written[iri]
            own = {"system": ID.rstrip("/"), "code": entity["id"], "display": entity["label"]}
            exact = [external_coding(term) for term in sorted(map(str, texts.get("exactMatch", ())))]
            body: Json = {
                "resourceType": "EvidenceVariable",
                "url": iri,
                "title": entity["label"],
                "characteristic": [{"definitionCodeableConcept": {"coding": [own, *exact], "text": entity["label"]}}],
            }
            definition = first(texts, "definition") or first(texts, "description")
            if definition is not None:
                body["description"] = definition
            if iri in labels.sizes:
                body["extension"] = [{"url": f"{ONTOLOGY}sampleSize", "valueUnsignedInt": labels.sizes[iri]}]
            yield body


def read_citations(labels: Labels, iris: Sequence[str]) -> Iterator[Json]:
    """Yield a citation for each source and study."""
    for batch in batches(iris):
        for work in read_sources(labels, list(batch)):
            cited = _artifact(work)
            yield {
                "resourceType": "Citation",
                "url": work["iri"],
                "title": work["label"],
                **({"citedArtifact": cited} if cited else {}),
            }


def _artifact(work: Json) -> Json:
    identifiers = (("https://doi.org", "doi"), ("https://pubmed.ncbi.nlm.nih.gov", "pmid"))
    form: Json = {
        "publishedIn": {"title": work["container"]} if "container" in work else None,
        "volume": work.get("volume"),
        "issue": work.get("issue"),
        "pageString": work.get("pages"),
        "publicationDateText": work.get("published") or (str(work["year"]) if "year" in work else None),
    }
    form = {key: value for key, value in form.items() if value is not None}
    found: Json = {
        "identifier": [{"system": system, "value": str(work[key])} for system, key in identifiers if key in work],
        "title": [{"text": work["title"]}] if "title" in work else [],
        "publicationForm": [form] if form else [],
        "webLocation": [{"url": work["url"]}] if "url" in work else [],
        "contributorship": {"summary": [{"value": work["authors"]}]} if "authors" in work else [],
    }
    return {key: value for key, value in found.items() if value}
