"""The IRIs and prefixes of the project."""

BASE = "https://w3id.org/calcikg/"
ONTOLOGY = BASE + "ontology/"
ID = BASE + "id/"
GRAPH = BASE + "graph/"
FUNCTION = BASE + "function/"
NANOPUB = BASE + "np/"

OBO = "http://purl.obolibrary.org/obo/"

#: The namespace of each prefix. A test compares the JSON-LD context and every query file with it.
PREFIXES: dict[str, str] = {
    "ckg": ONTOLOGY,
    "ckgid": ID,
    "ckgg": GRAPH,
    "ckgf": FUNCTION,
    "bibo": "http://purl.org/ontology/bibo/",
    "biolink": "https://w3id.org/biolink/vocab/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dctypes": "http://purl.org/dc/dcmitype/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "idot": "http://identifiers.org/idot/",
    "np": "http://www.nanopub.org/nschema#",
    "npx": "http://purl.org/nanopub/x/",
    "obo": OBO,
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx.term": "http://spdx.org/rdf/terms#",
    "sssom": "https://w3id.org/sssom/",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Prefixes of the external vocabularies that entities are mapped to.
EXTERNAL: dict[str, str] = {
    **{name: f"{OBO}{name}_" for name in ("BFO", "CHEBI", "DOID", "ECO", "HP", "IAO", "MAXO", "MONDO", "NCIT")},
    **{name: f"{OBO}{name}_" for name in ("OAE", "OBCS", "OBI", "RO", "SEPIO", "STATO", "SYMP", "UBERON", "UO")},
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "MESH": "http://id.nlm.nih.gov/mesh/",
    "SIO": "http://semanticscience.org/resource/SIO_",
    "orcid": "https://orcid.org/",
}


_NAMESPACES = PREFIXES | EXTERNAL
_LONGEST_FIRST = sorted(_NAMESPACES.items(), key=lambda row: -len(row[1]))


def expand(curie: str) -> str:
    """Return the IRI of a CURIE. Raises KeyError with the prefix when it is unknown.

    >>> expand("ckgid:site/hand")
    'https://w3id.org/calcikg/id/site/hand'
    >>> expand("HP:0025520")
    'http://purl.obolibrary.org/obo/HP_0025520'
    >>> expand("unknown:1")
    Traceback (most recent call last):
        ...
    KeyError: 'unknown'
    """
    prefix, _, name = curie.partition(":")
    return _NAMESPACES[prefix] + name


def contract(iri: str) -> str:
    """Return the CURIE of an IRI, by the longest namespace that fits; the IRI itself when none does.

    >>> contract("https://w3id.org/calcikg/ontology/treats")
    'ckg:treats'
    >>> contract("https://w3id.org/calcikg/id/site/hand")
    'ckgid:site/hand'
    >>> contract("http://purl.obolibrary.org/obo/HP_0025520")
    'HP:0025520'
    >>> contract("https://example.org/x")
    'https://example.org/x'
    """
    for prefix, namespace in _LONGEST_FIRST:
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
