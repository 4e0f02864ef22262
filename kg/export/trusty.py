"""Trusty URIs: a URI that contains the digest of the RDF that it names, so that anyone who has the RDF can check it.

Module RA of the specification (Kuhn and Dumontier 2014, doi:10.1007/978-3-319-07443-6_27): SHA-256 of the quads, sorted
and written one term a line, graph first, with a blank in place of the digest.
"""

import base64
import hashlib
from collections.abc import Sequence

import pyoxigraph as ox

_MODULE = "RA"
#: The digest, while it is not known.
_BLANK = " "

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph


def make_trusty(quads: Sequence[ox.Quad], draft: str) -> tuple[str, list[ox.Quad]]:
    """Return the trusty URI of some quads, and the quads under it.

    ``draft`` is the IRI, NAMESPACE/NAME, that the quads use until then: it becomes NAMESPACE/CODE, also where a ``#``
    follows. Raises ValueError for a blank node, which has no name to hash.
    """
    namespace = draft[: draft.rindex("/") + 1]

    def rename(term: _Term, name: str) -> str:
        if not isinstance(term, ox.NamedNode):
            raise ValueError(f"{term} is not an IRI: every node under a trusty URI has a name")
        iri = term.value
        return namespace + name + iri[len(draft) :] if iri == draft or iri.startswith(f"{draft}#") else iri

    rows = {
        (
            *(rename(term, _BLANK) for term in (quad.graph_name, quad.subject, quad.predicate)),
            _order(quad.object) if isinstance(quad.object, ox.Literal) else (False, rename(quad.object, _BLANK)),
        )
        for quad in quads
    }
    text = "".join(
        f"{graph}\n{subject}\n{relation}\n{_line(*value)}\n" for graph, subject, relation, value in sorted(rows)
    )
    code = _MODULE + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return namespace + code, [
        ox.Quad(
            ox.NamedNode(rename(quad.subject, code)),
            quad.predicate,
            quad.object if isinstance(quad.object, ox.Literal) else ox.NamedNode(rename(quad.object, code)),
            ox.NamedNode(rename(quad.graph_name, code)),
        )
        for quad in quads
    ]


def _order(literal: ox.Literal) -> tuple[bool, str, bool, str]:
    """Return the sort key of a literal: after all IRIs, by value; with a language before those with a datatype."""
    language = literal.language
    return (True, literal.value, language is None, language or literal.datatype.value)


def _line(literal: bool, value: str, typed: bool = True, kind: str = "") -> str:
    """Write an object as it is hashed: an IRI as it is, a literal after its datatype or language."""
    if not literal:
        return value
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
    return f"^{kind} {escaped}" if typed else f"@{kind.lower()} {escaped}"
