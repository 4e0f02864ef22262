"""CURIEs: as the library of the field's standard tools reads and writes them."""

import pytest
from curies import Converter

from kg.prefixes import EXTERNAL, PREFIXES, contract, expand

CONVERTER = Converter.from_prefix_map(PREFIXES | EXTERNAL)


@pytest.mark.parametrize("prefix", PREFIXES | EXTERNAL)
def test_curies_are_those_of_another_library(prefix: str) -> None:
    iri = (PREFIXES | EXTERNAL)[prefix] + "0001"
    assert contract(iri) == CONVERTER.compress(iri, strict=True)
    assert expand(contract(iri)) == CONVERTER.expand(contract(iri), strict=True) == iri
