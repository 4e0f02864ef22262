"""Search: exact matches first, tolerant of typing errors and accents, ranked by use; any text is answered."""

import errno
import os
import random
import string
from collections.abc import Iterable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine import Engine
from kg.errors import SnapshotError
from kg.search import Entry, Index, Name, Results, read_entries
from kg.search.entries import ROLES, SENTENCES, TERM
from kg.search.fields import normalise
from kg.snapshot import SEARCH, Snapshot

OBO = "http://purl.obolibrary.org/obo/"


@pytest.fixture(scope="session")
def index(snapshot: Snapshot) -> Index:
    return snapshot.search_index


@pytest.fixture(scope="session")
def everything(engine: Engine) -> list[Entry]:
    return read_entries(engine)


@pytest.fixture(scope="session")
def entries(everything: list[Entry]) -> list[Entry]:
    """What has a name."""
    return [entry for entry in everything if entry.type not in SENTENCES]


def build(folder: Path, entries: Iterable[Entry]) -> Index:
    Index.build(folder / "search", entries)
    return Index.open(folder / "search")


def entity(slug: str, *labels: str, uses: int = 0, types: tuple[str, ...] = ("Entity", "Treatment")) -> Entry:
    label, *synonyms = labels
    names = (Name(label, "label"), *(Name(name, "synonym") for name in synonyms))
    return Entry(f"https://w3id.org/calcikg/id/treatment/{slug}", types[-1], types, uses, names)


def term(number: int, label: str) -> Entry:
    return Entry(f"{OBO}MAXO_{number:07}", TERM, (TERM,), 0, (Name(label, "label"),))


def ids(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


@pytest.mark.parametrize(
    ("text", "first", "match", "name"),
    [
        ("calcinosis cutis", "disease/calcinosis-cutis", "exact", "calcinosis cutis"),
        ("Calcinosis-Cutis!", "disease/calcinosis-cutis", "exact", "calcinosis cutis"),
        ("sodium thiosulfate", "treatment/sodium-thiosulfate", "exact", "sodium thiosulfate"),
        ("topical STS", "treatment/topical-sodium-thiosulfate", "exact", "topical STS"),
        ("treatment/colchicine", "treatment/colchicine", "exact", "treatment/colchicine"),
        ("anti-Scl-70", "autoantibody/anti-topoisomerase-i", "exact", "anti-Scl-70"),
        ("colchicin", "treatment/colchicine", "prefix", "colchicine"),
        (
            "sodium thiosulfate inj",
            "treatment/intralesional-sodium-thiosulfate",
            "prefix",
            "sodium thiosulfate injection",
        ),
        ("scl70", "autoantibody/anti-topoisomerase-i", "word", "anti-Scl-70"),
        ("thiosulfate top", "treatment/topical-sodium-thiosulfate", "word", "topical sodium thiosulfate"),
        ("cólchicine", "treatment/colchicine", "exact", "colchicine"),
        ("calcinois cutis", "disease/calcinosis-cutis", "fuzzy", "calcinosis cutis"),
        ("anticentromere anti body", "autoantibody/anticentromere", "fuzzy", "anticentromere antibody"),
        ("colhcicine", "treatment/colchicine", "fuzzy", "colchicine"),
    ],
)
def test_a_text_finds_its_entity_first(text: str, first: str, match: str, name: str, index: Index) -> None:
    hit = index.search(text).hits[0]
    assert (hit.id, hit.match, hit.name) == (first, match, name)


def test_a_word_finds_every_entity_that_is_named_by_it(index: Index) -> None:
    found = ids(index.search("thiosulfat", ["Treatment"]))
    assert set(found) >= {f"treatment/{way}sodium-thiosulfate" for way in ("", "topical-", "intralesional-")}


def test_a_mapped_term_leads_to_our_entity(index: Index) -> None:
    (hit,) = (hit for hit in index.search("MAXO:0001573").hits if hit.id == "treatment/topical-sodium-thiosulfate")
    assert (hit.match, hit.name, hit.role, hit.term) == ("exact", "MAXO:0001573", "broadMatch", OBO + "MAXO_0001573")
    assert not hit.external


def test_an_identifier_is_not_confused_with_the_next(index: Index) -> None:
    assert all("0001573" in hit.name for hit in index.search("MAXO:0001573").hits)
    assert all("0001573" in hit.name for hit in index.search("MAXOO:0001573").hits)


def test_external_terms_are_found_after_our_own(index: Index) -> None:
    external = [hit.external for hit in index.search("hand").hits if hit.match == "exact"]
    assert external == sorted(external)
    assert {False, True} == set(external)


def test_findings_and_questions_are_found_by_their_words_when_asked_for(
    index: Index, everything: list[Entry], entries: list[Entry]
) -> None:
    assert len(index) == len(everything) > len(entries)
    assert {entry.type for entry in everything if entry not in entries} == SENTENCES
    for type_, text in (("Finding", "debulking numb"), ("Question", "pain score before debulking")):
        found = index.search(text, [type_]).hits
        words = normalise(text)
        assert found and {hit.type for hit in found} == {type_}
        assert all(set(words[:-1]) <= set(normalise(hit.label)) for hit in found)
        assert not [hit for hit in index.search(text).hits if hit.type == type_]


def test_every_name_finds_its_entry_exactly(index: Index, entries: list[Entry]) -> None:
    """Among a hundred hits: no name has more."""
    for entry in entries:
        for name in entry.names if not entry.external else entry.names[:1]:
            if normalise(name.text):
                hits = {hit.iri: hit for hit in index.search(name.text, limit=100).hits}
                assert hits[entry.iri].match == "exact", name
                assert normalise(hits[entry.iri].name) == normalise(name.text)


# --- typing errors


def mistyped(label: str, chance: random.Random) -> str:
    """Return a label with one random edit, none in a number."""
    places = [n for n in range(1, len(label) - 1) if label[n - 1 : n + 2].isalpha()]
    n, letter = chance.choice(places), chance.choice(string.ascii_lowercase)
    edits = (
        label[:n] + label[n + 1 :],
        label[:n] + letter + label[n:],
        label[:n] + letter + label[n + 1 :],
        label[:n] + label[n + 1] + label[n] + label[n + 2 :],
    )
    return chance.choice(edits)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_long_label_with_a_typing_error_finds_its_entity_among_the_first_five(
    data: st.DataObject, index: Index, entries: list[Entry]
) -> None:
    long = [entry for entry in entries if not entry.external and len(entry.label) >= 8]
    entry, chance = data.draw(st.sampled_from(long)), data.draw(st.randoms(use_true_random=False))
    text = mistyped(entry.label, chance)
    hits = index.search(text, limit=5).hits
    # An edit may give the name of another entity.
    assert entry.iri in [hit.iri for hit in hits] or hits[0].match == "exact", text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gland", []),  # two errors in five letters, where one is tolerated
        ("hnad", ["hand"]),
        ("hanxd", ["hand"]),
        ("ahnd", ["hand"]),
        ("colchcne", ["colchicine"]),
        ("colccne", []),
        ("lge", []),
        ("colagen 2", ["collagen-2"]),
    ],
)
def test_errors_are_tolerated_by_length_and_never_in_numbers(text: str, found: list[str], tmp_path: Path) -> None:
    labels = {
        "hand": "hand",
        "leg": "leg",
        "colchicine": "colchicine",
        "collagen-1": "collagen 1",
        "collagen-2": "collagen 2",
    }
    index = build(tmp_path, [entity(slug, label) for slug, label in labels.items()])
    assert ids(index.search(text)) == [f"treatment/{slug}" for slug in found]


# --- order, types, pages


def test_hits_are_ranked_by_match_then_use_then_origin_then_length(tmp_path: Path) -> None:
    expected = [
        entity("label", "wound care", uses=1),
        entity("synonym", "dressing", "wound care", uses=9),
        entity("prefix-used", "wound care at home and elsewhere", uses=7),
        entity("prefix-short", "wound care kit"),
        entity("prefix-long", "wound care centre"),
        term(1, "wound care"),
        entity("words", "care of a wound", uses=8),
        entity("fuzzy", "wund care", uses=9),
    ]
    expected = [expected[n] for n in (0, 5, 1, 2, 3, 4, 6)]
    index = build(tmp_path, [*reversed(expected), entity("other", "wound", "care", uses=99)])
    found = index.search("wound care")
    assert [hit.iri for hit in found.hits[:6]] == [entry.iri for entry in expected[:6]]
    assert [hit.match for hit in found.hits] == ["exact"] * 3 + ["prefix"] * 3 + ["word"] * 2


def test_errors_are_tolerated_only_when_there_are_few_hits(tmp_path: Path) -> None:
    few, near = [entity(f"hand-{end}", f"hand {end}") for end in "abcd"], entity("band", "band")
    one_more, the_name = entity("hand-e", "hand e"), entity("hand", "hand")
    tolerated = []
    for number, others in enumerate(([], [one_more], [the_name])):
        (tmp_path / str(number)).mkdir()
        tolerated.append("treatment/band" in ids(build(tmp_path / str(number), [*few, near, *others]).search("hand")))
    assert tolerated == [True, False, False]


def test_a_facet_is_the_total_of_its_type_and_no_type_changes_it(index: Index) -> None:
    everything = index.search("calcinosis")
    assert everything.facets["Entity"] + everything.facets[TERM] == everything.total
    assert everything.facets["Treatment"] >= everything.facets["SurgicalTreatment"] > 0
    for type_, number in everything.facets.items():
        found = index.search("calcinosis", [type_], limit=500)
        assert (found.total, len(found.hits), found.facets) == (number, number, everything.facets)
    both = index.search("calcinosis", ["Disease", "Source"], limit=500)
    assert {hit.type for hit in both.hits} >= {"Disease", "Source"}
    assert both.total == everything.facets["Disease"] + everything.facets["Source"]


def test_pages_add_up_to_the_whole(index: Index) -> None:
    whole = index.search("calc", limit=500)
    pages = [hit for offset in range(0, whole.total, 7) for hit in index.search("calc", limit=7, offset=offset).hits]
    assert pages == list(whole.hits)
    assert len(pages) == whole.total
    beyond = index.search("calc", limit=10**12, offset=10**12)
    assert (beyond.hits, beyond.total) == ((), whole.total)


# --- any text


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet='"\\()[]{}*?~^+-:/ ANDORNOTaeé€💊\ud800', max_size=60))
def test_any_text_is_answered(index: Index, text: str) -> None:
    found = index.search(text, limit=3)
    assert len(found.hits) <= min(3, found.total)


@pytest.mark.parametrize(
    "text", ["", " ", '"', "AND", "(", "💊", "\0", "x" * 10_000, "calcinosis " * 900, "calcinosis " * 80, "a " * 400]
)
def test_odd_texts_are_answered(text: str, index: Index) -> None:
    found = index.search(text)
    assert found.total >= len(found.hits)
    if not normalise(text):
        assert found == Results((), 0, {})


@given(st.text())
def test_normalising_is_idempotent_and_ignores_case(text: str) -> None:
    normalised = normalise(text)
    assert normalise(" ".join(normalised)) == normalised
    assert all(word and word == word.lower() for word in normalised)


# --- the files


def test_an_open_index_writes_nothing_and_outlives_its_files(tmp_path: Path) -> None:
    index = build(tmp_path, [entity("hand", "hand")])
    before = sorted(path.name for path in (tmp_path / "search").iterdir())
    assert ids(Index.open(tmp_path / "search").search("hand")) == ["treatment/hand"]
    assert sorted(path.name for path in (tmp_path / "search").iterdir()) == before
    for path in (tmp_path / "search").iterdir():
        path.unlink()
    assert ids(index.search("hand")) == ["treatment/hand"]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    assert build(tmp_path, []).search("hand") == Results((), 0, {})


def test_a_snapshot_without_an_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="there is no search index in"):
        _ = Snapshot(tmp_path, {}).search_index


@pytest.mark.parametrize("suffix", ["json", "term", "idx", "store", "fast"])
def test_a_damaged_index_is_refused(suffix: str, tmp_path: Path) -> None:
    build(tmp_path, [entity("hand", "hand")])
    (path,) = (tmp_path / SEARCH).glob(f"*.{suffix}")
    path.write_bytes(b"{")
    with pytest.raises(SnapshotError, match="cannot be read"):
        Index.open(tmp_path / SEARCH)


def test_roles_of_names_come_from_the_data(entries: list[Entry]) -> None:
    assert {name.role for entry in entries for name in entry.names} == set(ROLES)
    assert all((name.term is not None) == name.role.endswith("Match") for entry in entries for name in entry.names)


def test_an_index_opens_though_its_links_cannot_be_removed(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of tantivy may write its lock file while the folder is being removed."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTEMPTY, "Directory not empty")

    monkeypatch.setattr(os, "rmdir", refuse)
    assert Index.open(snapshot.path / SEARCH).search("colchicine").hits


def test_the_page_of_a_search_has_findings_and_questions_below_names(client: FlaskClient) -> None:
    page = client.get("/search?q=debulking").text
    names, findings, questions = (page.index(part) for part in ("/page/treatment/", "<h2>Findings", "<h2>Questions"))
    assert names < findings < page.index("/page/finding/") < questions < page.index("/page/question/")
    assert "Nothing has all of these words" in client.get("/search?q=xyzzyplugh").text


@pytest.mark.parametrize(
    ("text", "named", "others"),
    [
        ("pain fingertip", ["outcome/pain", "site/fingertip"], []),
        ("What works for fingertip calcinosis?", ["site/fingertip", "disease/calcinosis"], []),
        ("diltiazem, recurrences", ["treatment/diltiazem", "complication/recurrence"], []),
        (
            "topical sodium thiosulfate at the hand again",
            ["treatment/topical-sodium-thiosulfate", "site/hand"],
            ["again"],
        ),
        ("", [], []),
    ],
)
def test_a_text_names_several_entities(text: str, named: list[str], others: list[str], whole: Snapshot) -> None:
    hits, left = whole.search_index.named(text, ["AnatomicalSite", "Complication", "Disease", "Outcome", "Treatment"])
    assert ([hit.id for hit in hits], left) == (named, others)


@pytest.mark.parametrize("text", ["pain fingertip", "rituximab fingertip", "colchicine finger pain scale"])
def test_a_search_counts_findings_about_all_that_it_names(text: str, whole_client: FlaskClient) -> None:
    combination = whole_client.get("/api/v1/search", query_string={"q": text}).json["combination"]
    page = whole_client.get("/search", query_string={"q": text}).text
    for one in (combination, *combination.get("nearest", ())):
        given = {name: entity["id"] for name, entity in one["filters"].items()}
        total = whole_client.get("/api/v1/findings", query_string={"limit": 1, **given}).json["total"]
        assert total == one["findings"]
        assert f"{total} finding" in page or not total
    assert ("nearest" in combination) == (combination["findings"] == 0) == ("No finding here is about" in page)
    assert ("nobody studied it" in page) == (combination["findings"] == 0)
    assert combination.get("others") == (["scale"] if "scale" in text else None)


def test_a_search_for_one_thing_combines_nothing(whole_client: FlaskClient) -> None:
    assert "combination" not in whole_client.get("/api/v1/search?q=pain").json
    assert "combination" not in whole_client.get("/api/v1/search?q=pain fingertip&type=Treatment").json
