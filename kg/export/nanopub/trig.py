"""The findings as nanopublications, in TriG."""

from collections.abc import Iterator

from kg.export.extract import Extract
from kg.export.nanopub import read_nanopublications, read_some


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the nanopublications, one a chunk; of all of them their index, too, which stands for the whole."""

    engine = extract.engine
    made = read_some(engine, extract.findings) if extract.filters else read_nanopublications(engine)
    for nanopublication in made:
        yield nanopublication.to_trig()
