"""CURIEs: as the library of the field's standard tools reads and writes them."""

from curies import Converter

from kg.prefixes import EXTERNAL, PREFIXES, contract, expand


def test_curies_are_those_of_another_library() -> None:
    converter = Converter.from_prefix_map(PREFIXES | EXTERNAL)
    for namespace in (PREFIXES | EXTERNAL).values():
        iri = f"{namespace}0001"
        assert contract(iri) == converter.compress(iri, strict=True)
        assert expand(contract(iri)) == converter.expand(contract(iri), strict=True) == iri
