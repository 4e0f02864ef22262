"""References: the tools that people use read every one of them, with title, DOI, year and authors."""

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import pytest
import rispy
from extracts import ask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, parse_string
from pybtex.richtext import Text

from kg.engine import Engine
from kg.export.names import read_authors
from kg.export.references import to_bibtex, to_ris
from kg.prefixes import ID
from kg.read.labels import Json

#: What every reader must give back of a work: its title, DOI, year and number of authors.
Facts = tuple[str, str, str, int]
_QUOTES = str.maketrans('“”‘’"', "'''''")  # which pandoc makes typographical
_MODS = "{http://www.loc.gov/mods/v3}"
#: A title with everything that a format may stumble over.
ODD = r"A {b} \d% e & f #1 $x$ a_b 10^3 ~7 s--t <x> 手の石灰化 é ß @ x|y*z [k]"


@pytest.fixture(scope="module")
def items(whole_client: FlaskClient) -> dict[str, Json]:
    read: list[Json] = json.loads(whole_client.get("/export/csljson").data)
    assert len({one["id"] for one in read}) == len(read)
    return {one["id"]: one for one in read}


@pytest.fixture(scope="module")
def files(whole_client: FlaskClient) -> dict[str, str]:
    return {name: whole_client.get(f"/export/{name}").data.decode() for name in ("csljson", "ris", "bibtex")}


def plain(text: str) -> str:
    """Return a text without the markup of a reader, with one kind of quotes and of spaces."""
    return " ".join(re.sub("<[^>]*>", "", text).translate(_QUOTES).split())


def facts(item: Mapping[str, Any]) -> Facts:
    year = item["issued"]["date-parts"][0][0] if "issued" in item else ""
    return plain(item["title"]), item.get("DOI", ""), str(year), len(item.get("author", ()))


def from_csl_json(text: str) -> dict[str, Facts]:
    return {one["id"]: facts(one) for one in json.loads(text)}


def from_rispy(text: str) -> dict[str, Facts]:
    return {
        one["id"]: (plain(one["title"]), one.get("doi", ""), one.get("year", ""), len(one.get("authors", ())))
        for one in rispy.loads(text)
    }


def from_pybtex(text: str) -> dict[str, Facts]:
    read: BibliographyData = parse_string(text, "bibtex")
    return {
        key: (
            plain(str(Text.from_latex(entry.fields["title"]))),
            entry.fields.get("doi", ""),
            entry.fields.get("year", ""),
            len(entry.persons.get("author", ())),
        )
        for key, entry in read.entries.items()
    }


def from_bibutils(text: str) -> dict[str, Facts]:
    """Read RIS by bibutils, which gives MODS. Facts in a part are those of the journal, unless there are no others."""
    return {
        one.findtext(f"{_MODS}identifier[@type='citekey']", ""): (
            plain(": ".join(part.text or "" for part in one.iterfind(f"{_MODS}titleInfo/*"))).replace("?:", "?"),
            one.findtext(f"{_MODS}identifier[@type='doi']", ""),
            (one.findtext(f"{_MODS}originInfo/{_MODS}dateIssued") or one.findtext(f"{_MODS}part/{_MODS}date", ""))[:4],
            len(one.findall(f"{_MODS}name")),
        )
        for one in ElementTree.fromstring(run("ris2xml", text=text)).iter(f"{_MODS}mods")
    }


def as_bibutils_has_it(item: Json) -> Facts:
    """Return the facts of an item but for a DOI whose first number is long, and with a text cut at "and"."""
    title, doi, year, authors = facts(item)
    cut = sum(" and " in name.get("literal", "") for name in item.get("author", ()))
    return title, doi if re.match(r"10[.][0-9]{4}/", doi) else "", year, authors + cut


def run(*command: str, text: str) -> str:
    """Return what a program makes of a text; the test is skipped where the program is missing."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed: references are not read by it")
    done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=120, encoding="utf-8")
    return done.stdout


def from_pandoc(name: str) -> Callable[[str], dict[str, Facts]]:
    def read(text: str) -> dict[str, Facts]:
        if name not in run("pandoc", "--list-input-formats", text="").split():
            pytest.skip(f"this pandoc does not read {name}")
        return from_csl_json(run("pandoc", "-f", name, "-t", "csljson", text=text))

    return read


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param("ris", from_rispy, id="ris-rispy"),
        pytest.param("ris", from_bibutils, id="ris-bibutils"),
        pytest.param("ris", from_pandoc("ris"), id="ris-pandoc"),
        pytest.param("bibtex", from_pybtex, id="bibtex-pybtex"),
        pytest.param("bibtex", from_pandoc("bibtex"), id="bibtex-pandoc"),
        pytest.param("csljson", from_pandoc("csljson"), id="csljson-pandoc"),
    ],
)
def test_a_reader_gives_every_reference_back(
    name: str, read: Callable[[str], dict[str, Facts]], items: dict[str, Json], files: dict[str, str]
) -> None:
    expected = as_bibutils_has_it if read is from_bibutils else facts
    assert read(files[name]) == {key: expected(one) for key, one in items.items()}


@pytest.mark.parametrize("name", ["bibtex", "csljson"])
def test_pandoc_reads_what_stands_for_commands_elsewhere(name: str) -> None:
    item = {"id": "odd", "type": "document", "title": ODD, "author": [{"literal": "A & B_C {D}, 手"}]}
    text = to_bibtex(item) if name == "bibtex" else json.dumps([item])
    assert from_pandoc(name)(text) == {"odd": facts(item)}


def test_unmatched_braces_end_nothing() -> None:
    entries = parse_string(
        "".join(to_bibtex(work(f"k{place}", title, [])) for place, title in enumerate("{}")), "bibtex"
    )
    assert [entry.fields["title"] for entry in entries.entries.values()] == [
        r"{\textbraceleft{}}",
        r"{\textbraceright{}}",
    ]


def work(key: str, title: str, names: list[Json]) -> Json:
    return {"id": key, "type": "article-journal", "title": title, "author": names, "DOI": "10.1000/a_b%c"}


#: Texts with what breaks formats more often than chance would have it.
TEXTS = st.lists(
    st.one_of(st.sampled_from([*"\\{}%&#$_^~`'\"-<>,;\n\r\t 手石灰é", " and ", "ER  - ", "@"]), st.text(max_size=3))
)
WORDS = TEXTS.map("".join).filter(lambda text: bool(re.sub(r"[\s\x00-\x1f\x7f-\x9f]", "", text)))
NAMES = st.one_of(
    st.builds(lambda text: {"literal": text}, WORDS),
    st.builds(
        lambda family, given: {"family": family, "given": given},
        *[st.from_regex(r"[A-Z][a-zé]{1,9}", fullmatch=True)] * 2,
    ),
)


@given(titles=st.lists(WORDS, min_size=1, max_size=3), names=st.lists(NAMES, max_size=3))
def test_whatever_a_title_or_name_holds_stays_in_its_place(titles: list[str], names: list[Json]) -> None:
    works = [work(f"k{place}", title, names) for place, title in enumerate(titles)]
    records = rispy.loads("".join(map(to_ris, works)))
    assert [one["title"] for one in records] == [line(title) for title in titles]
    assert all(len(one.get("authors", ())) == len(names) for one in records)
    entries = parse_string("".join(map(to_bibtex, works)), "bibtex").entries
    assert list(entries) == [one["id"] for one in works]
    assert all(len(one.persons.get("author", ())) == len(names) for one in entries.values())
    assert {one.fields["doi"] for one in entries.values()} == {"10.1000/a_b%c"}


def line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


@pytest.mark.parametrize(
    ("slug", "csl", "ris", "bibtex"),
    [
        ("debulking-2021", "article-journal", "JOUR", "article"),
        ("martel2025", "paper-conference", "CONF", "inproceedings"),
        ("bartoli-chapter", "chapter", "CHAP", "incollection"),
        ("bernstein-poster", "speech", "GEN", "misc"),
        ("nct02663895", "webpage", "ELEC", "online"),
        ("medscape-crest-drugs2020", "webpage", "ELEC", "online"),
        ("patient-page-2024", "document", "GEN", "misc"),
        ("toronto-jdm-nailfold", "document", "GEN", "misc"),  # an article whose journal nobody recorded
    ],
)
def test_a_document_has_its_type(slug: str, csl: str, ris: str, bibtex: str, items: dict[str, Json]) -> None:
    item = items[slug]
    assert item["type"] == csl
    assert to_ris(item).startswith(f"TY  - {ris}\r\nID  - {slug}\r\n")
    assert to_bibtex(item).startswith(f"@{bibtex}{{{slug},\n")


def test_an_item_has_what_is_recorded(items: dict[str, Json]) -> None:
    assert items["abramowicz2015-pam"] == {
        "id": "abramowicz2015-pam",
        "type": "paper-conference",
        "title": "Effect of intravenous pamidronate in the treatment of skin calcinosis in the course of juvenile"
        " dermatomyositis - a story half-told",
        "author": read_authors("Abramowicz P, Dobrenko E, Abramowicz M, Konstantynowicz J"),
        "issued": {"date-parts": [[2015]]},
        "container-title": "Bone Abstracts",
        "volume": "4",
        "page": "P104",
        "DOI": "10.1530/boneabs.4.P104",
        "URL": "http://www.bone-abstracts.org/ba/0004/ba0004p104.htm",
        "note": "read from: part of the abstract",
    }
    assert items["paed-cc30"]["title"] == "[Calcinosis cutis in 30 children of one institution]"


def test_every_source_is_there_once(whole_engine: Engine, items: dict[str, Json]) -> None:
    rows = ask(whole_engine, "SELECT ?source { ?source a ckg:Source }")
    assert {row["source"].removeprefix(f"{ID}source/") for row in rows} == items.keys()


def keys(client: FlaskClient, query: str) -> set[str]:
    return {one["id"] for one in json.loads(client.get(f"/export/csljson?{query}").data)}


@pytest.mark.parametrize("query", ["about=treatment/colchicine", "type=DrugTreatment", "kind=outcome&max_level=3"])
def test_filters_select_the_sources_of_the_findings_that_fit(query: str, whole_client: FlaskClient) -> None:
    table = csv.DictReader(io.StringIO(whole_client.get(f"/export/csv?{query}").text))
    assert keys(whole_client, query) == {row["source.id"].removeprefix("source/") for row in table}


def test_a_source_without_a_finding_is_there_when_it_is_asked_for(whole_client: FlaskClient) -> None:
    assert keys(whole_client, "source=bsr2024&source=debulking-2021") == {"bsr2024", "debulking-2021"}
    assert keys(whole_client, "source=bsr2024&about=treatment/colchicine") == set()


def test_a_relayed_study_is_the_source_that_gives_it(whole_client: FlaskClient) -> None:
    """The entry in the registry relays a figure of a paper that is a source, too."""
    assert keys(whole_client, "relays=study/valenzuela-2016") >= {"nct02663895", "valenzuela2016"}
    assert keys(whole_client, "source=nct02663895") == {"nct02663895", "valenzuela2016"}
