"""Works as items of CSL-JSON (https://docs.citationstyles.org), which all formats of references are made from.

An item has what records say, as they say it. A work without a title has our label of it in brackets, as styles of
citation have descriptions.
"""

import re
from collections.abc import Iterator, Sequence

from kg.export.extract import Extract, batches
from kg.export.names import read_authors
from kg.prefixes import ONTOLOGY
from kg.read.entities import read_sources
from kg.read.labels import Json, Labels, drop_empty
from kg.read.references import asked_for, with_relayed

#: What a work is called in its container or its label, by what it is then.
_NAMED = (
    (re.compile(r"\bposter\b", re.IGNORECASE), "speech"),
    (re.compile(r"\bchapter\b", re.IGNORECASE), "chapter"),
    (re.compile(r"\b(?:abstracts?|meeting|convergence)\b", re.IGNORECASE), "paper-conference"),
    (re.compile(r"\bweb page\b", re.IGNORECASE), "webpage"),
)
_GENRES = {"registryEntry": "Trial registration"}
#: The designs of pages that report no study of their own: a page that was read is what is cited.
_PAGES = frozenset({"expertOpinion", "guideline"})
_ABSTRACTS = frozenset({"wholeAbstract", "partOfAbstract", "fullText", "partOfFullText"})


def read_items(extract: Extract) -> Iterator[Json]:
    """Yield an item for each work that the findings of an extract rest on, in the order of their IRIs."""
    sources = {row["source"] for row in extract.statements}.union(asked_for(extract.labels, extract.resolved))
    studies = {
        row["study"]
        for batch in batches(extract.findings)
        for row in extract.labels.select("export/relayed-studies", finding=batch)
    }
    for batch in batches(with_relayed(extract.labels, sources, sorted(studies))):
        yield from (to_item(extract.labels, work) for work in read_sources(extract.labels, batch))


def to_item(labels: Labels, work: Json) -> Json:
    """Return the item of a source or a study, given in its REST shape."""
    kind, _, slug = work["id"].partition("/")
    type_ = _type(work)
    return drop_empty(
        {
            "id": slug if kind == "source" else work["id"].replace("/", "-"),
            "type": type_,
            "genre": "Poster" if type_ == "speech" else _GENRES.get(work.get("read_from", "")),
            "title": work.get("title") or f"[{work['label']}]",
            "author": read_authors(work["authors"]) if "authors" in work else None,
            "issued": _issued(work),
            "container-title": work.get("container"),
            "volume": work.get("volume"),
            "issue": work.get("issue"),
            "page": work.get("pages"),
            "number": work.get("trial_number") if type_ == "webpage" else None,
            "DOI": work.get("doi"),
            "PMID": work.get("pmid"),
            "PMCID": work.get("pmcid"),
            "URL": work.get("url"),
            "note": _note(labels, work),
        }
    )


def _type(work: Json) -> str:
    """Return the type of a work where what is recorded leaves no doubt, and ``document`` for any other."""
    read, container = work.get("read_from"), work.get("container")
    if read == "registryEntry":
        return "webpage"
    for pattern, type_ in _NAMED:
        if pattern.search(container or "") or (type_ != "paper-conference" and pattern.search(work["label"])):
            return type_
    if read == "webPage":
        return "webpage" if work.get("study_design") in _PAGES else "document"
    if work.keys() & {"doi", "pmid", "pmcid"} or (container and ("volume" in work or read in _ABSTRACTS)):
        return "article-journal"
    return "document"


def _issued(work: Json) -> Json | None:
    """Return the date as CSL has it: the day or month, unless it is of another year than that of the issue."""
    year, published = work.get("year"), work.get("published") or ""
    text = published if published and year in (None, int(published[:4])) else year or work.get("epub")
    return {"date-parts": [[int(part) for part in str(text).split("-")]]} if text else None


def _note(labels: Labels, work: Json) -> str | None:
    """Return how much of the work the records were read from, and where, if not at its own address.

    Readers take a word before a colon for the name of a variable, so there are two.
    """
    if "read_from" not in work:
        return None
    places: Sequence[str] = work.get("read_at", ())
    return f"read from: {labels.terms[ONTOLOGY + work['read_from']]}" + "".join(f", at {place}" for place in places)
