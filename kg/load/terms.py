"""RDF terms from the identifiers of OBO files: the mapping of OBO 1.4 to OWL."""

from urllib.parse import quote

import pyoxigraph as ox

from kg.load.limits import RefusedFileError
from kg.prefixes import EXTERNAL, OBO, PREFIXES, expand

_IRI = "!#$%&'()*+,/:;=?@[]~"


def node(iri: str) -> ox.NamedNode:
    """Return an IRI; what IRIs may not hold is percent-encoded. Raises RefusedFileError for what still is none."""
    try:
        return ox.NamedNode(quote(iri, safe=_IRI))
    except ValueError:
        raise RefusedFileError(f"has an identifier that makes no IRI: {iri[:80]!r}") from None


def named(curie: str) -> ox.NamedNode:
    """Return the IRI of a CURIE in our own prefixes, such as ``rdfs:label``."""
    return ox.NamedNode(expand(curie))


class Identifiers:
    """Turns identifiers into IRIs: ``spaces`` are the prefixes that the file declares, ``ontology`` is its name."""

    def __init__(self, spaces: dict[str, str], ontology: str) -> None:
        self._spaces = EXTERNAL | PREFIXES | spaces
        self._local = f"{OBO}{ontology}#"

    def iri(self, identifier: str) -> ox.NamedNode:
        """Return the IRI of an identifier.

        >>> Identifiers({}, "demo").iri("UBERON:0002389").value
        'http://purl.obolibrary.org/obo/UBERON_0002389'
        >>> Identifiers({}, "demo").iri("develops from").value
        'http://purl.obolibrary.org/obo/demo#develops%20from'
        >>> Identifiers({}, "demo").iri("https://example.org/x").value
        'https://example.org/x'
        """
        prefix, colon, local = identifier.partition(":")
        if not colon:
            return node(self._local + identifier)
        if local.startswith("//") or prefix in ("urn", "mailto"):
            return node(identifier)
        return node(self._spaces.get(prefix, f"{OBO}{prefix}_") + local)
