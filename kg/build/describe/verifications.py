"""Which findings were compared with the text of their source, in the graph ``metadata``: it is about the records.

What was recorded of a finding that has changed since never gets here.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.build.describe.statements import node, statement
from kg.build.verified import Verification
from kg.prefixes import ID


def describe_verifications(verified: Iterable[Verification]) -> Iterator[ox.Quad]:
    """Yield for each finding the day on which it was verified, what of it was compared, and with which text."""
    for row in verified:
        finding = ox.NamedNode(ID + row.finding)
        verification = ox.NamedNode(f"{finding.value}#verification")
        yield statement(finding, "ckg:verified", ox.Literal(row.day))
        yield statement(finding, "ckg:verification", verification)
        yield statement(verification, "rdf:type", node("ckg:Verification"))
        yield statement(verification, "dcterms:date", ox.Literal(row.day, datatype=node("xsd:date")))
        yield statement(verification, "ckg:textSha256", ox.Literal(row.text))
        for key in row.compared:
            yield statement(verification, "ckg:compared", ox.Literal(key))
