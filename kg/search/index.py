"""The search index on disk: written once, then mapped into memory and searched."""

import json
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import tantivy

from kg.errors import SnapshotError
from kg.prefixes import ID, contract
from kg.search.entries import SENTENCES, Entry, Name, Role
from kg.search.fields import SCHEMA, TOKENIZERS, from_document, normalise, to_document
from kg.search.matching import Match, Tiers, naming

#: With fewer hits than this, none of them exact, typing errors are tolerated.
FEW = 5
#: No name is as long, in characters; a longer text has no hits.
LONGEST = 1000
#: Words of a text in which the names of several entities are looked for.
_WORDS = 20
#: Words of a question that no finding is about.
_FUNCTION_WORDS = frozenset(
    "a about an and any are as at be been by can do does for from has have help helps how in is it of on or that the "
    "there to use used was were what when where which who whom why with work works".split()
)
_SEGMENT = "00000000-0000-0000-0000-000000000001"
_META = "meta.json"
_MEMORY = 4_000_000_000
_CLASSES = 1000


@dataclass(frozen=True)
class Hit:
    """An entity or external term that was found: how well it matches, and by which of its names.

    ``role`` is the kind of name; ``term`` is the IRI of the mapped term whose name it is, if any.
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
        """The identifier to display: ``treatment/colchicine``, or a CURIE such as ``MAXO:0001573``."""
        return contract(self.iri) if self.external else self.iri.removeprefix(ID)


@dataclass(frozen=True)
class Results:
    """A page of hits, best first; the total number of hits; and ``facets``, the number of hits of each type.

    The types requested limit the total, not the facets. A hit counts for each of its classes, so that the figure of a
    type is the total when that type is requested.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, int]


class Index:
    """A search index, opened for reading; threads may share it."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._searcher.num_docs

    @staticmethod
    def build(folder: Path, entries: Iterable[Entry]) -> None:
        """Write an index into a new folder; the same entries give the same bytes."""
        folder.mkdir()
        with tempfile.TemporaryDirectory(dir=folder) as scratch, _writing(folder):
            index = tantivy.Index(SCHEMA, path=scratch)
            for name, analyser in TOKENIZERS.items():
                index.register_tokenizer(name, analyser)
            # One thread and enough memory give one segment, with the documents in the order given. Of equally good
            # hits tantivy returns the first one first, so this order ranks them.
            with index.writer(_MEMORY, num_threads=1) as writer:
                for entry in sorted(entries, key=_rank):
                    writer.add_document(to_document(entry))
            _move(Path(scratch), folder)

    @classmethod
    def open(cls, folder: Path) -> "Index":
        """Open an index. Raises SnapshotError when it is missing or damaged."""
        if not (folder / _META).is_file():
            raise SnapshotError(f"there is no search index in {folder}; run `kg build`")
        # Tantivy takes a lock by writing a file. It does so next to links to the index, whose folder need not be
        # writable; once open, it has all files mapped and needs neither. One of its threads may take the lock while
        # the links are removed, which leaves a file behind and does no harm.
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
        """Find the entries that a text names, or begins to name.

        Args:
            text: Any text; all its words must match, the last one may be unfinished.
            types: Names of classes; hits have at least one of them. Without any, all types are hits but those whose
                names are whole sentences, findings and questions.
            limit: How many hits to return, at least 1.
            offset: How many hits to skip before them.
        """
        words = normalise(text) if len(text) <= LONGEST else []
        if not words:
            return Results((), 0, {})
        tiers = Tiers(words)
        # Tantivy allocates room for as many hits as it is asked for.
        most = max(len(self), 1)
        limit, offset = min(limit, most), min(offset, most)
        page = self._searcher.search(_of_types(types, tiers.query()), limit, offset=offset)
        if (types or _total(page) < FEW) and self._is_poor(tiers):
            tiers.tolerate_errors()
            page = self._searcher.search(_of_types(types, tiers.query()), limit, offset=offset)
        matches = [(tiers.match(score), from_document(self._searcher.doc(address))) for score, address in page.hits]
        hits = tuple(_hit(entry, match, tiers.key) for match, entry in matches)
        return Results(hits, _total(page), self._facets(tiers.query()))

    def named(self, text: str, types: Collection[str]) -> tuple[list[Hit], list[str]]:
        """Return the entities of some types that the words of a text name one after the other, and the other words.

        The longest name counts first, each entity once; a name may stand in the plural. Of these entities none is an
        external term.
        """
        words = normalise(text)[:_WORDS]
        hits: dict[str, Hit] = {}
        others: list[str] = []
        while words:
            spans = ((end, self._named(words[:end], types)) for end in range(len(words), 0, -1))
            end, hit = next(((end, hit) for end, hit in spans if hit), (1, None))
            if hit:
                hits[hit.iri] = hit
            elif words[0] not in _FUNCTION_WORDS:
                others.append(words[0])
            words = words[end:]
        return list(hits.values()), others

    def _named(self, words: Sequence[str], types: Collection[str]) -> Hit | None:
        """Return the entity that has the words, or their singular, for a name."""
        for text in _singulars(" ".join(words)):
            for _, address in self._searcher.search(_of_types(types, naming(text)), 1).hits:
                return _hit(from_document(self._searcher.doc(address)), "exact", text)
        return None

    def _is_poor(self, tiers: Tiers) -> bool:
        """Tell whether to tolerate errors: there are few hits, and the text is no entry's name."""
        best = self._searcher.search(_of_types((), tiers.query()), 1)
        return _total(best) < FEW and not any(tiers.match(score) == "exact" for score, _ in best.hits)

    def _facets(self, query: tantivy.Query) -> dict[str, int]:
        counts = self._searcher.aggregate(query, {"types": {"terms": {"field": "type", "size": _CLASSES}}})
        return {bucket["key"]: bucket["doc_count"] for bucket in counts["types"]["buckets"]}


def _hit(entry: Entry, match: Match, key: str) -> Hit:
    name = _best_name(entry, key, fuzzy=match == "fuzzy")
    return Hit(entry.iri, entry.label, entry.type, entry.external, match, name.text, name.role, name.term)


def _singulars(text: str) -> Iterator[str]:
    """Yield a name and what it may be the plural of.

    >>> list(_singulars("rashes"))
    ['rashes', 'rashe', 'rash']
    """
    yield text
    for ending in ("s", "es"):
        if text.endswith(ending):
            yield text.removesuffix(ending)


def _total(page: tantivy.SearchResult) -> int:
    return int(page.count)  # type: ignore[attr-defined]  # missing in the library's stubs


def _rank(entry: Entry) -> tuple[int, bool, int, str, str]:
    """Order entries that match equally well: most used first, own before external, short labels before long ones."""
    return -entry.uses, entry.external, len(entry.label), entry.label, entry.iri


def _of_types(types: Collection[str], query: tantivy.Query) -> tantivy.Query:
    of = tantivy.Query.term_set_query(SCHEMA, "type", list(types or SENTENCES))
    chosen = (tantivy.Occur.Must, tantivy.Query.const_score_query(of, 0.0)) if types else (tantivy.Occur.MustNot, of)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), chosen])


def _best_name(entry: Entry, key: str, *, fuzzy: bool) -> Name:
    """Return the name by which an entry was found: the first of those that match best."""
    words = set(key.split())

    def closeness(name: Name) -> tuple[float, ...]:
        other_words = normalise(name.text)
        other = " ".join(other_words)
        if fuzzy:
            comparison = SequenceMatcher(None, key, other, autojunk=False)
            return comparison.find_longest_match().size, comparison.ratio()
        begins = any(word.startswith(key.rpartition(" ")[2]) for word in other_words)
        return other == key, other.startswith(key), len(words & set(other_words)) + begins

    return max(entry.names, key=closeness)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Have what tantivy reports as an invalid value be what it is here: it cannot write."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"{folder}: the search index cannot be written ({error})") from None


def _move(scratch: Path, folder: Path) -> None:
    """Move the files of a finished index, and name its segment the same in every build."""
    meta = (scratch / _META).read_text(encoding="utf-8")
    segments = [segment["segment_id"] for segment in json.loads(meta)["segments"]]
    assert len(segments) <= 1, "one thread with memory for all entries writes one segment"
    for made in segments:  # none when there are no entries
        for path in scratch.glob(f"{made.replace('-', '')}.*"):
            path.rename(folder / f"{_SEGMENT.replace('-', '')}{path.suffix}")
        meta = meta.replace(made, _SEGMENT)
    # A new file, because only its owner may read the one that tantivy wrote.
    (folder / _META).write_text(meta, encoding="utf-8")
