"""The dataset and its entities in the terms of schema.org, for the heads of pages (Bioschemas Dataset 1.0)."""

from kg.engine import Value
from kg.prefixes import BASE
from kg.read.description import Description
from kg.read.entities import Properties, first
from kg.read.labels import Json, drop_empty

_CONTEXT = "https://schema.org/"
_PROFILE = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"
_DATASET = BASE.rstrip("/")
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_EXACT = "skos:exactMatch"
#: The kinds whose entities are terms: a finding, a document or a group of people is none.
TERMS = frozenset(
    {"adverse-effect", "autoantibody", "complication", "diagnostic", "disease", "indication", "outcome", "phenotype"}
    | {"risk-factor", "site", "subtype", "treatment"}
)
#: What schema.org calls a kind of entity, where it has a class that takes in all of them.
TYPES = {
    "AnatomicalSite": "AnatomicalStructure",
    "Diagnostic": "MedicalTest",
    "Disease": "MedicalCondition",
    "DiseaseSubtype": "MedicalCondition",
    "DrugTreatment": "MedicalTherapy",
    "PhysicalTreatment": "MedicalTherapy",
    "RiskFactor": "MedicalRiskFactor",
    "SurgicalTreatment": "SurgicalProcedure",
    "TopicalTreatment": "MedicalTherapy",
}


def dataset(description: Description) -> Json:
    """Return the dataset as a schema.org Dataset."""
    whole, version = description.dataset, description.version
    publisher: Json = {
        "@type": "Organization",
        "@id": first(whole, "publisher"),
        "name": first(description.publisher, "name"),
    }
    return drop_empty(
        {
            "@context": _CONTEXT,
            "@type": "Dataset",
            "@id": _DATASET,
            "http://purl.org/dc/terms/conformsTo": {"@id": _PROFILE, "@type": "CreativeWork"},
            "name": first(whole, "title"),
            "alternateName": first(whole, "alternative"),
            "description": first(whole, "description"),
            "identifier": first(whole, "identifier"),
            "url": first(whole, "page"),
            "license": first(whole, "license"),
            "conditionsOfAccess": first(whole, "accessRights"),
            "isAccessibleForFree": True,
            "keywords": _sorted(whole, "keyword"),
            "about": [{"@id": theme} for theme in _sorted(whole, "theme")],
            "inLanguage": "en",
            "version": first(version, "versionInfo"),
            "datePublished": first(version, "issued"),
            "creator": publisher,
            "publisher": publisher,
            "isBasedOn": [{"@id": source} for source in _sorted(version, "source")],
            "distribution": [_download(description)],
        }
    )


def _download(description: Description) -> Json:
    file = description.file
    return {
        "@type": "DataDownload",
        "name": first(file, "title"),
        "contentUrl": first(file, "downloadURL"),
        "encodingFormat": str(first(file, "mediaType")).removeprefix(_MEDIA_TYPES),
        "contentSize": f"{first(file, 'byteSize')} B",
        "sha256": first(description.checksum, "checksumValue"),
        "license": first(file, "license"),
    }


def entity(shape: Json) -> Json:
    """Return an entity, given in its REST shape, as a schema.org DefinedTerm and what else it surely is.

    Only an exact match gives it a code: a term that is wider, narrower or merely close would claim too much.
    """
    kind = TYPES.get(str(shape["type"]))
    mappings = shape.get("mappings", [])
    assert isinstance(mappings, list)
    exact = [row for row in mappings if row["predicate"] == _EXACT]
    return drop_empty(
        {
            "@context": _CONTEXT,
            "@type": ["DefinedTerm", kind] if kind else "DefinedTerm",
            "@id": shape["iri"],
            "identifier": shape["iri"],
            "termCode": shape["id"],
            "inDefinedTermSet": _DATASET,
            "name": shape["label"],
            "alternateName": shape.get("synonyms"),
            "description": shape.get("definition"),
            "sameAs": [row["iri"] for row in exact],
            "code": [_code(row) for row in exact] if kind else None,
        }
    )


def _code(mapping: Json) -> Json:
    system, _, value = str(mapping["id"]).partition(":")
    return {"@type": "MedicalCode", "codeValue": value, "codingSystem": system}


def _sorted(written: Properties, name: str) -> list[Value]:
    return sorted(written.get(name, ()), key=str)
