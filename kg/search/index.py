"""The search index on disk: written once, then mapped into memory and asked."""

import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import tantivy

from kg.errors import SnapshotError
from kg.prefixes import ID, contract
from kg.search.entries import Entry, Name, Role
from kg.search.folding import fold
from kg.search.matching import Match, Tiers
from kg.search.schema import SCHEMA, TOKENIZERS, document, entry_of

#: Fewer hits than this, none of them exact, and typing errors are forgiven.
FEW = 5
#: No name is as long, in characters; a longer text finds nothing.
LONGEST = 1000
_SEGMENT = "00000000-0000-0000-0000-000000000001"
_META = "meta.json"
_MEMORY = 4_000_000_000
_CLASSES = 1000


@dataclass(frozen=True)
class Hit:
    """Something found: what it is, by which of its names (``role`` says what the name is to it), and how well.

    ``term`` is the IRI of the mapped term that has the name, when the name is not one of its own.
    """

    iri: str
    label: str
    type: str
    external: bool
    match: Match
    name: str
    role: Role
    term: str | None

    @property
    def id(self) -> str:
        """The identifier to show: ``treatment/colchicine``, or a CURIE such as ``MAXO:0001573``."""
        return contract(self.iri) if self.external else self.iri.removeprefix(ID)


@dataclass(frozen=True)
class Results:
    """Some of the hits, best first; their total; and ``facets``, how many there are of each type.

    The types asked for make the total, not the facets. What is found counts for each of its classes, so that the
    figure of a type is the total when that type is asked for.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, int]


class Index:
    """A search index, opened for reading; threads may share it."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def __len__(self) -> int:
        """Return how many things can be found."""
        return self._searcher.num_docs

    @staticmethod
    def build(folder: Path, entries: Iterable[Entry]) -> None:
        """Write an index into a new folder; the same entries give the same bytes."""
        folder.mkdir()
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            index = tantivy.Index(SCHEMA, path=scratch)
            for name, analyser in TOKENIZERS.items():
                index.register_tokenizer(name, analyser)
            # One thread and memory for everything: one segment, in which the documents stand in the order given.
            # Of equally good hits the engine gives the first first, so this order ranks them.
            with index.writer(_MEMORY, num_threads=1) as writer:
                for entry in sorted(entries, key=_standing):
                    writer.add_document(document(entry))
            _move(Path(scratch), folder)

    @classmethod
    def open(cls, folder: Path) -> "Index":
        """Open an index. Raises SnapshotError when there is none, or none that can be read."""
        if not (folder / _META).is_file():
            raise SnapshotError(f"there is no search index in {folder}; run `kg build`")
        # The engine takes a lock by writing a file. It does so beside links to the index, whose folder need not be
        # writable; once open, it has all files mapped and needs neither. A thread of the engine may take the lock just
        # when the links are removed: that leaves a file behind, and is no reason to find nothing.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as links:
            for path in folder.iterdir():
                (Path(links) / path.name).symlink_to(path.resolve())
            try:
                index = tantivy.Index.open(links)
                index.config_reader("manual")
                return cls(index.searcher())
            except ValueError as error:
                raise SnapshotError(f"the search index in {folder} cannot be read ({error}); run `kg build`") from None

    def search(self, text: str, types: Collection[str] = (), *, limit: int = 10, offset: int = 0) -> Results:
        """Find what a text names, or begins to name.

        Args:
            text: Any text; all its words must match, the last of them may be unfinished.
            types: Labels of classes; only what is of one of them is a hit. Without any, everything is.
            limit: How many hits to return, at least 1.
            offset: How many hits to leave out before them.
        """
        words = fold(text) if len(text) <= LONGEST else []
        if not words:
            return Results((), 0, {})
        tiers = Tiers(words)
        # The engine makes room for as many hits as it is asked for.
        most = max(len(self), 1)
        limit, offset = min(limit, most), min(offset, most)
        page = self._searcher.search(_of(types, tiers.query()), limit, offset=offset)
        if (types or _total(page) < FEW) and self._is_poor(tiers):
            tiers.forgive()
            page = self._searcher.search(_of(types, tiers.query()), limit, offset=offset)
        found = [(tiers.match(score), entry_of(self._searcher.doc(address))) for score, address in page.hits]
        if not types and len(found) == _total(page):  # all are at hand
            facets = dict(Counter(type_ for _, entry in found for type_ in entry.types))
        else:
            facets = self._facets(tiers.query())
        return Results(tuple(_hit(entry, match, tiers.key) for match, entry in found), _total(page), facets)

    def _is_poor(self, tiers: Tiers) -> bool:
        """Tell whether errors are to be looked for: little is found, and the text is nobody's name."""
        best = self._searcher.search(tiers.query(), 1)
        return _total(best) < FEW and not any(tiers.match(score) == "exact" for score, _ in best.hits)

    def _facets(self, query: tantivy.Query) -> dict[str, int]:
        counted = self._searcher.aggregate(query, {"types": {"terms": {"field": "type", "size": _CLASSES}}})
        return {bucket["key"]: bucket["doc_count"] for bucket in counted["types"]["buckets"]}


def _hit(entry: Entry, match: Match, key: str) -> Hit:
    name = _found(entry, key, fuzzy=match == "fuzzy")
    return Hit(entry.iri, entry.label, entry.type, entry.external, match, name.text, name.role, name.term)


def _total(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # the library's stubs leave it out


def _standing(entry: Entry) -> tuple[int, bool, int, str, str]:
    """Order entries that match equally well: the most used, own before external, the shorter label."""
    return -entry.uses, entry.external, len(entry.label), entry.label, entry.iri


def _of(types: Collection[str], query: tantivy.Query) -> tantivy.Query:
    if not types:
        return query
    of_types = tantivy.Query.const_score_query(tantivy.Query.term_set_query(SCHEMA, "type", list(types)), 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, of_types)])


def _found(entry: Entry, key: str, *, fuzzy: bool) -> Name:
    """Return the name by which an entry was found: the first of those that match best."""
    words = set(key.split())

    def closeness(name: Name) -> tuple[float, ...]:
        folded = fold(name.text)
        other = " ".join(folded)
        if fuzzy:
            compared = SequenceMatcher(None, key, other, autojunk=False)
            return compared.find_longest_match().size, compared.ratio()
        begun = any(word.startswith(key.rpartition(" ")[2]) for word in folded)
        return other == key, other.startswith(key), len(words & set(folded)) + begun

    return max(entry.names, key=closeness)


def _move(scratch: Path, folder: Path) -> None:
    """Move the files of a finished index, under a name that does not change from build to build."""
    meta = (scratch / _META).read_text(encoding="utf-8")
    segments = [segment["segment_id"] for segment in json.loads(meta)["segments"]]
    assert len(segments) <= 1, "the writer has one thread, and memory for all entries"
    for made in segments:  # none, when there is no entry
        for path in scratch.glob(f"{made.replace('-', '')}.*"):
            path.rename(folder / f"{_SEGMENT.replace('-', '')}{path.suffix}")
        meta = meta.replace(made, _SEGMENT)
    # Written anew: the engine lets nobody else read its own.
    (folder / _META).write_text(meta, encoding="utf-8")
