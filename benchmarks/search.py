"""``python -m benchmarks.search FOLDER``: the search index over 500,000 terms; prints a Markdown table.

The folder holds ontology files (RDF/XML, Turtle, OBO; gzipped or not). Where they have fewer terms, further ones are
made from theirs: the names of one with words of another.
"""

import gzip
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.prefixes import OBO, expand
from kg.search import Entry, Index, Name

TERMS, ASKED, SEED = 500_000, 1000, 1
LABEL = ox.NamedNode(expand("rdfs:label"))
SYNONYMS = {
    ox.NamedNode(expand(curie)) for curie in ("oboInOwl:hasExactSynonym", "oboInOwl:hasRelatedSynonym", "skos:altLabel")
}
FORMATS = {".owl": ox.RdfFormat.RDF_XML, ".ttl": ox.RdfFormat.TURTLE}
LINE = re.compile(r'^(id: (?P<id>\S+)|name: (?P<name>.+)|synonym: "(?P<synonym>(?:[^"\\]|\\.)+)".*)$', re.MULTILINE)
Names = tuple[str, ...]


def main(folder: Path) -> None:
    """Build, open, ask, and print."""
    chance = random.Random(SEED)
    read = sorted(read_terms(folder).items())
    entries = [entry(iri, names) for iri, names in (*read, *multiplied(read, TERMS - len(read), chance))]
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / "search"
        started = time.perf_counter()
        Index.build(place, entries)
        built = time.perf_counter() - started
        size = sum(path.stat().st_size for path in place.iterdir())
        started = time.perf_counter()
        index = Index.open(place)
        opened = time.perf_counter() - started
        print(
            f"{len(entries):,} terms, {len(read):,} of them as read, {sum(len(one.names) for one in entries):,} names"
        )
        print(f"built in {built:.0f} s, {size / 1e6:.0f} MB, opened in {opened * 1000:.1f} ms\n")
        print("| text | p50 ms | p99 ms | most ms | hits, p50 | hits, most |\n| --- | --- | --- | --- | --- | --- |")
        for kind, text in TEXTS.items():
            print(
                f"| {kind} |", " | ".join(ask(index, [text(entry, chance) for entry in sample(entries, chance)])), "|"
            )


def read_terms(folder: Path) -> dict[str, Names]:
    """Read the names of all terms of a folder's files, of each the label first."""
    labels: dict[str, str] = {}
    synonyms: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        name = Path(path.name.removesuffix(".gz"))
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if name.suffix == ".obo":
            found = read_obo(content.decode("utf-8"))
        elif name.suffix in FORMATS:
            found = read_rdf(content, FORMATS[name.suffix])
        else:
            continue
        for iri, text, is_label in found:
            if is_label and iri not in labels:
                labels[iri] = text
            else:
                synonyms[iri].append(text)
    return {iri: tuple(dict.fromkeys((label, *synonyms[iri]))) for iri, label in labels.items()}


def read_rdf(content: bytes, format_: ox.RdfFormat) -> Iterator[tuple[str, str, bool]]:
    """Yield the names of an RDF file's terms: IRI, name, whether it is the label."""
    for quad in ox.parse(content, format=format_, base_iri=OBO):
        if isinstance(quad.subject, ox.NamedNode) and quad.predicate in {LABEL, *SYNONYMS}:
            yield quad.subject.value, quad.object.value, quad.predicate == LABEL


def read_obo(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the names of an OBO file's terms, likewise."""
    iri = ""
    for line in LINE.finditer(text):
        if line["id"]:
            iri = OBO + line["id"].replace(":", "_")
        elif iri:
            yield iri, line["name"] or line["synonym"], bool(line["name"])


def multiplied(read: Sequence[tuple[str, Names]], number: int, chance: random.Random) -> Iterator[tuple[str, Names]]:
    """Make so many further terms: all names of one term, with one or two words of another's label behind."""
    for count in range(max(number, 0)):
        (iri, names), (_, (other, *_)) = chance.choice(read), chance.choice(read)
        words = other.split()
        tail = " ".join(chance.sample(words, min(len(words), chance.randint(1, 2))))
        yield f"{iri}/{count}", tuple(f"{name} {tail}" for name in names)


def entry(iri: str, names: Names) -> Entry:
    """Return a term as an entry of the index."""
    label, *synonyms = names
    return Entry(iri, "Term", ("Term",), 0, (Name(label, "label"), *(Name(name, "synonym") for name in synonyms)))


def sample(entries: Sequence[Entry], chance: random.Random) -> list[Entry]:
    """Return the entries that are asked for."""
    return chance.choices(entries, k=ASKED)


def ask(index: Index, texts: Sequence[str]) -> list[str]:
    """Ask for texts, and return the cells of their row."""
    seconds, totals = [], []
    for text in texts:
        started = time.perf_counter()
        totals.append(index.search(text).total)
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    totals.sort()
    times = (seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100], seconds[-1])
    return [*(f"{one * 1000:.2f}" for one in times), f"{totals[len(totals) // 2]:,}", f"{totals[-1]:,}"]


def two_words(entry: Entry, chance: random.Random) -> str:
    """Return two words of a label, the second unfinished."""
    words = entry.label.split()
    first, second = chance.choice(words), chance.choice(words)
    return f"{first} {second[: max(3, len(second) // 2)]}"


def typo(text: str, chance: random.Random) -> str:
    """Return a text with one typing error."""
    place, letter = chance.randrange(len(text)), chance.choice("abcdefghijklmnopqrstuvwxyz")
    before, at, after = text[:place], text[place], text[place + 1 :]
    return chance.choice([before + after, before + letter + at + after, before + letter + after])


def longest(entry: Entry, _: random.Random) -> str:
    """Return the longest word of a label."""
    return max(entry.label.split(), key=len)


TEXTS: dict[str, Callable[[Entry, random.Random], str]] = {
    "a label": lambda entry, _: entry.label,
    **{f"its first {n} letters": lambda entry, _, n=n: entry.label[:n] for n in (1, 2, 3, 6, 12, 20)},  # type: ignore[misc]
    "a word of it": lambda entry, chance: chance.choice(entry.label.split()),
    "two words, the second unfinished": two_words,
    "a label with a typing error": lambda entry, chance: typo(entry.label, chance),
    "its longest word with a typing error": lambda entry, chance: typo(longest(entry, chance), chance),
    "the first 8 letters of that with a typing error": lambda entry, chance: typo(longest(entry, chance)[:8], chance),
}

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
