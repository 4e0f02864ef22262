"""Linked data: every kind of IRI, asked in every way, leads to a document that parses and speaks of it."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import Dataset as RdfDataset
from rdflib import Graph, URIRef
from waitress.proxy_headers import proxy_headers_middleware
from werkzeug.test import Client as Werkzeug

from api.app import create_app
from api.data.linked_data import DATA
from api.data.ontology import FORMS
from api.pages.findings import ROWS
from api.pages.wording import PLURALS
from api.server import Prefixed
from kg.build.dataset import Inputs
from kg.engine import FORMATS, Engine, Query
from kg.prefixes import BASE, FUNCTION, GRAPH, ID, ONTOLOGY
from kg.queries import read_questions
from kg.settings import Settings
from kg.snapshot import Snapshot

HTML = "text/html"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
RDF = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld", "trig": "trig"}
#: One thing of each type, and what else has data.
THINGS = {
    "adverse-effect": "skin-irritation",
    "autoantibody": "anti-pm-scl",
    "complication": "recurrence",
    "diagnostic": "computed-tomography",
    "disagreement": "anticentromere",
    "disease": "systemic-sclerosis",
    "finding": "debulking-2021-30",
    "function": "pooledProportion",
    "indication": "severe-pain",
    "outcome": "calcinosis-extrusion",
    "phenotype": "fever",
    "population": "debulking-2021-patients",
    "question": "case-steroids",
    "risk-factor": "adherence",
    "site": "hand",
    "source": "debulking-2021",
    "study": "davis-2012",
    "subtype": "crest-syndrome",
    "treatment": "topical-sodium-thiosulfate",
}
TYPES = [HTML, *(format_.media_type for format_ in DATA.values())]
RANGES = [*TYPES, "*/*", "text/*", "application/*", "image/png"]
#: A quality for each member of a header of two.
QUALITIES = [("", ""), (";q=0.1", ";q=0.9"), (";q=0", "")]


#: Those of whom every header is asked; other things of the graph have the routes of a site, a function has its own.
EVERY_HEADER = {"site", "function"}


def headers(kind: str = "site") -> Iterator[str]:
    """Yield every media range alone, and every ordered pair with every pair of qualities."""
    yield from RANGES
    if kind not in EVERY_HEADER:
        return
    for (first, second), (one, other) in itertools.product(itertools.permutations(RANGES, 2), QUALITIES):
        yield f"{first}{one}, {second}{other}"


def preferred(header: str, offered: Sequence[str]) -> set[str]:
    """Return what a server may choose by RFC 9110, section 12.5.1: the most specific range gives a type its quality.

    Of types that are equally liked, those that the client names go before those that a wildcard lets in.
    """
    ranges = {}
    for member in header.split(","):
        name, _, quality = member.strip().partition(";q=")
        ranges[name] = float(quality or 1)
    found = {}
    for kind in offered:
        for specific, name in enumerate((kind, kind.partition("/")[0] + "/*", "*/*")):
            if name in ranges:
                found[kind] = ranges[name], specific == 0
                break
    best = max(found.values(), default=(0.0, False))
    return {kind for kind, liked in found.items() if liked == best} if best[0] else set()


def iri_of(kind: str, slug: str) -> str:
    return FUNCTION + slug if kind == "function" else f"{ID}{kind}/{slug}"


def path_of(iri: str) -> str:
    return "/" + iri.removeprefix(BASE)


def parse(body: bytes, extension: str) -> set[ox.Triple]:
    """Return the triples of a document; graphs are forgotten."""
    media_type = FORMATS[extension].media_type
    format_ = ox.RdfFormat.from_media_type(media_type)
    assert format_ is not None
    return {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in ox.parse(body, format=format_)}


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_every_way_to_ask_for_a_thing(kind: str, client: FlaskClient) -> None:
    slug = THINGS[kind]
    for header in headers(kind):
        answer = client.get(path_of(iri_of(kind, slug)), headers={"Accept": header})
        wanted = preferred(header, TYPES)
        if not wanted:
            assert answer.status_code == 406, header
            continue
        assert (answer.status_code, answer.headers["Vary"]) == (303, "Accept"), header
        targets = {
            f"/page/{kind}/{slug}" if one == HTML else f"/data/{kind}/{slug}.{name}"
            for one, name in zip(TYPES, ["", *DATA], strict=True)
            if one in wanted
        }
        assert answer.headers["Location"] in targets, header


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_every_way_to_ask_for_data(kind: str, client: FlaskClient) -> None:
    offered = TYPES[1:]
    for header in headers(kind):
        answer = client.get(f"/data/{kind}/{THINGS[kind]}", headers={"Accept": header})
        wanted = preferred(header, offered)
        if not wanted:
            assert answer.status_code == 406, header
            continue
        assert answer.mimetype in wanted, header
        assert answer.headers["Content-Location"] == f"/data/{kind}/{THINGS[kind]}.{_extension(answer.mimetype)}"


def _extension(media_type: str) -> str:
    return next(name for name, format_ in DATA.items() if format_.media_type == media_type)


def test_every_way_to_ask_for_the_ontology_and_its_terms(client: FlaskClient) -> None:
    offered = [HTML, *(format_.media_type for format_ in FORMS.values())]
    for header in headers():
        wanted = preferred(header, offered)
        answer = client.get("/ontology", headers={"Accept": header})
        assert answer.mimetype in wanted if wanted else answer.status_code == 406, header
        term = client.get("/ontology/treats", headers={"Accept": header})
        assert (term.status_code, term.headers["Location"]) == (303, "/ontology#treats")


@pytest.mark.parametrize("header", ["*/*", BROWSER, "text/turtle;q=0, */*", None])
def test_browsers_and_wildcards_get_the_page(header: str | None, client: FlaskClient) -> None:
    given = {} if header is None else {"Accept": header}
    assert client.get("/id/site/hand", headers=given).headers["Location"] == "/page/site/hand"


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_data_parse_and_speak_of_the_thing(kind: str, client: FlaskClient) -> None:
    iri = ox.NamedNode(iri_of(kind, THINGS[kind]))
    topic = ox.NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")
    for extension in RDF:
        answer = client.get(f"/data/{kind}/{THINGS[kind]}.{extension}", headers={"Accept": "image/png"})
        assert (answer.status_code, answer.mimetype) == (200, FORMATS[extension].media_type)
        triples = parse(answer.data, extension)
        assert iri in {triple.subject for triple in triples}
        documents = [triple.subject for triple in triples if triple.predicate == topic and triple.object == iri]
        assert documents == [ox.NamedNode(f"{BASE}data/{kind}/{THINGS[kind]}")]


@pytest.mark.parametrize("extension", RDF)
@pytest.mark.parametrize("kind", ["disagreement", "finding", "function"])
def test_another_library_finds_as_many_triples(kind: str, extension: str, client: FlaskClient) -> None:
    body = client.get(f"/data/{kind}/{THINGS[kind]}.{extension}").data
    graph = RdfDataset(default_union=True)
    graph.parse(data=body.decode(), format=RDF[extension])
    assert len({(s, p, o) for s, p, o, _ in graph.quads()}) == len(parse(body, extension)) > 0


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_data_in_json_are_what_the_rest_api_gives(kind: str, client: FlaskClient) -> None:
    found = client.get(f"/data/{kind}/{THINGS[kind]}.json")
    assert found.json["iri"] == iri_of(kind, THINGS[kind])
    lists = {"finding": "findings", "source": "sources", "disagreement": "disagreements", "question": "questions"}
    if kind not in ("function", "study"):
        path = f"{lists[kind]}/" if kind in lists else f"entities/{kind}/"
        assert found.json == client.get(f"/api/v1/{path}{THINGS[kind]}").json


def test_a_description_is_the_same_with_its_graphs_told_apart(client: FlaskClient, engine: Engine) -> None:
    """Of every type and of a sample of all things: own triples are all there, each in the graph that holds it."""
    every = sorted(_subjects(engine))
    for iri in {*every[::120], *(iri_of(kind, slug) for kind, slug in THINGS.items() if kind != "function")}:
        path = path_of(iri).replace("/id/", "/data/", 1)
        plain = {
            ox.Triple(quad.subject, quad.predicate, quad.object)
            for quad in ox.parse(client.get(f"{path}.nt").data, format=ox.RdfFormat.N_TRIPLES)
        }
        quads = list(ox.parse(client.get(f"{path}.trig").data, format=ox.RdfFormat.TRIG))
        assert {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads} == plain, iri
        own = f"CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
        answer = engine.answer(Query(own), (FORMATS["nt"],)).read()
        missing = {ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(answer, format=ox.RdfFormat.N_TRIPLES)}
        assert missing <= plain, iri
        for quad in quads:
            if isinstance(quad.graph_name, ox.NamedNode):
                ask = f"ASK {{ GRAPH {quad.graph_name} {{ {quad.subject} {quad.predicate} {quad.object} }} }}"
                assert quad.graph_name.value.startswith(GRAPH)
                if quad.subject.value == iri:  # type: ignore[union-attr]
                    assert b"true" in engine.answer(Query(ask), (FORMATS["json"],)).read(), quad


def _subjects(engine: Engine) -> set[str]:
    text = f"""SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{ID}") && !CONTAINS(STR(?s), "#")) }}"""
    rows = json.loads(engine.answer(Query(text), (FORMATS["json"],)).read())["results"]["bindings"]
    return {row["s"]["value"] for row in rows}


def test_every_entity_dereferences(client: FlaskClient, engine: Engine) -> None:
    """No IRI of the graph leads nowhere, whatever its type is."""
    for iri in _subjects(engine):
        assert client.get(path_of(iri)).status_code == 303, iri


def test_every_term_of_the_ontology_has_its_place_on_the_page(client: FlaskClient, engine: Engine) -> None:
    text = (
        f"""SELECT DISTINCT ?s {{ GRAPH <{GRAPH}ontology> {{ ?s a ?c }} FILTER(STRSTARTS(STR(?s), "{ONTOLOGY}")) }}"""
    )
    rows = json.loads(engine.answer(Query(text), (FORMATS["json"],)).read())["results"]["bindings"]
    ids = page(client, "/ontology").ids
    for row in rows:
        name = row["s"]["value"].removeprefix(ONTOLOGY)
        assert client.get(f"/ontology/{name}").headers.get("Location") == f"/ontology#{name}"
        assert name in ids


@pytest.mark.parametrize("extension", FORMS)
def test_the_ontology_parses_in_every_form(extension: str, client: FlaskClient) -> None:
    answer = client.get(f"/ontology.{extension}")
    assert answer.mimetype == FORMS[extension].media_type
    graph = Graph().parse(data=answer.data, format=RDF[extension])
    assert (URIRef(BASE + "ontology"), None, None) in graph
    assert (URIRef(ONTOLOGY + "treats"), None, None) in graph


@pytest.mark.parametrize("path", ["/context.jsonld", "/ontology/context.jsonld"])
def test_the_context_of_the_records_is_served(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.mimetype == "application/ld+json"
    assert answer.json == Inputs().context.document


def test_graphs_lead_to_their_content(client: FlaskClient, snapshot: Snapshot) -> None:
    for name in snapshot.counts["graphs"]:
        answer = client.get(f"/graph/{name}")
        assert answer.status_code == 303
        assert client.head(answer.headers["Location"]).status_code == 200
    assert client.get("/graph/nothing").status_code == 404


def test_the_snapshot_that_a_description_names_is_served(client: FlaskClient, snapshot: Snapshot) -> None:
    assert f"{BASE}snapshot/{snapshot.version}".encode() in client.get("/data/site/hand.nt").data
    assert client.get(f"/snapshot/{snapshot.version}").status_code == 303
    assert client.get("/snapshot/000000000000").status_code == 404


def test_questions_are_in_the_graph_with_the_text_that_runs(client: FlaskClient, engine: Engine) -> None:
    text = "SELECT ?q ?text { ?q <http://www.w3.org/ns/shacl#select> ?text }"
    rows = json.loads(engine.answer(Query(text), (FORMATS["json"],)).read())["results"]["bindings"]
    assert {row["q"]["value"].rpartition("/")[2]: row["text"]["value"] for row in rows} == {
        question.slug: question.text for question in read_questions()
    }
    assert client.get("/questions/case-steroids", headers={"Accept": "text/turtle"}).headers["Location"] == (
        "/data/question/case-steroids.ttl"
    )
    assert client.get("/questions").headers["Location"] == "/page/question"


@pytest.mark.parametrize(
    "path",
    [
        "/id/treatment/nobody",
        "/id/nothing/colchicine",
        "/id/treatment/x>y",
        "/data/treatment/nobody.ttl",
        "/data/treatment/colchicine.exe",
        "/data/treatment/colchicine.",
        "/page/treatment/nobody",
        "/page/nothing",
        "/ontology/nothing",
        "/ontology.exe",
        "/function/nothing",
        "/questions/nothing",
    ],
)
def test_what_is_not_there_is_a_problem(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        *(f"/data/site/hand.{extension}" for extension in DATA),
        "/data/site/hand",
        "/page/site/hand",
        "/page/site",
        "/page",
        "/ontology",
        "/ontology.ttl",
        "/context.jsonld",
    ],
)
def test_head_etag_and_cors(path: str, client: FlaskClient) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert not head.headers["ETag"].startswith("W/")
    assert get.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, headers={"If-None-Match": get.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_no_two_documents_have_one_tag(client: FlaskClient) -> None:
    paths = [f"/data/site/{slug}.{name}" for slug in ("hand", "elbow") for name in DATA]
    paths += [f"/page/site/{slug}" for slug in ("hand", "elbow")]
    tags = {client.get(path).headers["ETag"] for path in paths}
    assert len(tags) == len(paths)


# Pages


class Page(HTMLParser):
    """The links, the ids and the text of the article of a page; it must be balanced."""

    VOID = frozenset({"meta", "link", "br", "input", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.alternates: dict[str, str] = {}
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if "href" in values:
            self.links.append(values["href"])
        if values.get("rel") == "alternate":
            self.alternates[values["type"]] = values["href"]
        if "id" in values:
            self.ids.append(values["id"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "article" in self.open and "details" not in self.open:
            self.words.append(data)


def page(client: FlaskClient, path: str) -> Page:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.mimetype) == (200, HTML), path
    found = Page(answer.text)
    assert len(found.ids) == len(set(found.ids)), path
    return found


def some_of_each(links: Iterable[str]) -> list[str]:
    """Return three of each kind of link: those of one kind have a route and the names of parameters in common."""
    alike: dict[object, list[str]] = {}
    for link in sorted(set(links)):
        parts = urlsplit(link)
        names = tuple(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
        alike.setdefault((*parts.path.split("/")[:3], names), []).append(link)
    return [link for found in alike.values() for link in found[:3]]


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_a_page_speaks_plainly_and_leads_on(kind: str, client: FlaskClient) -> None:
    found = page(client, f"/page/{kind}/{THINGS[kind]}")
    assert found.alternates == {
        format_.media_type: f"/data/{kind}/{THINGS[kind]}.{name}" for name, format_ in DATA.items()
    }
    text = " ".join(found.words)
    assert len(text) > 40
    if kind != "function":
        jargon = re.findall(
            r"\b(?:RDF|OWL|IRI|URI|triples?|predicate|literal|[a-z]+:[A-Z]\w+|None|\w+[a-z][A-Z]\w+)\b", text
        )
        assert [word for word in jargon if word not in ("MeSH", "PubMed")] == []
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    for link in some_of_each(link for link in found.links if not urlsplit(link).netloc):
        if not link.startswith(("/sparql", "#")):
            with client.get(link) as answer:
                assert answer.status_code in (200, 302, 303), link


@pytest.mark.parametrize("kind", sorted(PLURALS))
def test_a_list_leads_to_every_thing_of_its_type(kind: str, client: FlaskClient, engine: Engine) -> None:
    found, path = set(), f"/page/{kind}"
    while path:
        listed = page(client, path)
        found |= {link for link in listed.links if link.startswith(f"/page/{kind}/")}
        start = int(path.partition("?start=")[2] or 0)
        path = next((link for link in listed.links if link == f"/page/{kind}?start={start + ROWS}"), "")
    expected = {
        path_of(iri).replace("/id/", "/page/", 1) for iri in _subjects(engine) if iri.startswith(f"{ID}{kind}/")
    }
    assert found == expected or kind == "function"


def test_parts_of_an_entity_have_their_place_on_its_page(client: FlaskClient, engine: Engine) -> None:
    """An edge or a mapping has an IRI with a fragment: the browser finds the row."""
    text = f"SELECT DISTINCT ?s {{ ?s <{ONTOLOGY}edgeFrom>|<https://w3id.org/sssom/subject_id> ?entity }}"
    rows = json.loads(engine.answer(Query(text), (FORMATS["json"],)).read())["results"]["bindings"]
    parts = sorted(row["s"]["value"] for row in rows)[::40]
    for whole, fragments in itertools.groupby(parts, lambda iri: iri.partition("#")[0]):
        ids = page(client, path_of(whole).replace("/id/", "/page/", 1)).ids
        assert {iri.partition("#")[2] for iri in fragments} <= set(ids), whole


def test_a_page_shows_figures_as_they_stand_in_the_graph(client: FlaskClient) -> None:
    text = " ".join(page(client, "/page/finding/debulking-2021-30").words)
    for words in ("13 patients", "13 of 39: 33.3 % (95 % interval 19.1 to 50.2)", "“Thirteen patients”", "4 of 5"):
        assert words in text


# Hosts, prefixes, retired ids


def test_links_stay_below_the_prefix_and_iris_stay_canonical(client: FlaskClient) -> None:
    below = {"SCRIPT_NAME": "/kg", "HTTP_HOST": "example.net"}
    assert client.get("/id/site/hand", environ_overrides=below).headers["Location"] == "/kg/page/site/hand"
    assert client.get("/ontology/treats", environ_overrides=below).headers["Location"] == "/kg/ontology#treats"
    found = Page(client.get("/page/site/hand", environ_overrides=below).text)
    assert [link for link in found.links if not link.startswith(("/kg/", "http", "#"))] == []
    assert "http://example.net/kg/page/site/hand" in found.links
    assert client.get("/data/site/hand.nt", environ_overrides=below).data == client.get("/data/site/hand.nt").data


@pytest.mark.parametrize(
    ("proxy", "prefix", "believed"),
    [
        ("10.0.0.1", "/kg", "/kg"),
        ("10.0.0.1", "/a/b-c/", "/a/b-c"),
        ("*", "/kg", "/kg"),
        ("10.0.0.2", "/kg", ""),
        ("", "/kg", ""),
        ("10.0.0.1", "//evil.example", ""),
        ("10.0.0.1", "/x\r\ny", ""),
        ("10.0.0.1", "kg", ""),
    ],
)
def test_only_the_proxy_is_believed(proxy: str, prefix: str, believed: str) -> None:
    seen = []

    def application(environ, start_response):  # type: ignore[no-untyped-def]
        seen.append(environ.get("SCRIPT_NAME", ""))
        return []

    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_PREFIX": prefix, "SCRIPT_NAME": ""}
    Prefixed(application, proxy)(environ, lambda *_: lambda _: None)  # type: ignore[arg-type, return-value]
    assert seen == [believed]


def test_a_base_address_goes_before_host_and_proxy(data_folder: Path) -> None:
    settings = Settings.read({"KG_DATA": str(data_folder), "KG_BASE_URL": "https://kg.example.org/evidence/"})
    client = create_app(settings).test_client()
    seen = {"SCRIPT_NAME": "/other", "HTTP_HOST": "example.net"}
    found = Page(client.get("/page/site/hand", environ_overrides=seen).text)
    assert [link for link in found.links if not link.startswith(("/evidence/", "http", "#"))] == []
    assert "https://kg.example.org/evidence/page/site/hand" in found.links
    for path in ("/export", "/robots.txt", "/api/v1/findings?limit=1", "/linkset", "/sparql"):
        one, other = client.get(path), client.get(path, environ_overrides=seen)
        assert (one.data, one.headers.getlist("Link")) == (other.data, other.headers.getlist("Link"))
        assert one.headers["ETag"] == other.headers["ETag"]
    following = client.get("/api/v1/findings?limit=1").json["next"]
    assert following.startswith("https://kg.example.org/evidence/api/v1/findings?")
    missing = client.get("/page/site/nowhere", environ_overrides=seen).json
    assert missing["type"] == "https://kg.example.org/evidence/problems/not-found"
    assert client.get("/id/site/hand").headers["Location"] == "/evidence/page/site/hand"


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_a_host_that_no_link_can_have_is_refused_whoever_names_it(header: str, data_folder: Path) -> None:
    app = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_BASE_URL": "https://kg.example.org"}))
    believed = proxy_headers_middleware(app.wsgi_app, "*", trusted_proxy_headers={"x-forwarded-host"})
    answer = Werkzeug(believed).get("/healthz", headers={header: ".."}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "'..'" in answer.json["detail"]


def test_a_retired_id_is_gone_and_says_what_takes_its_place(pooled_client: FlaskClient) -> None:
    for path in ("/id/treatment/cutting", "/page/treatment/cutting", "/data/treatment/cutting.ttl"):
        answer = pooled_client.get(path)
        assert (answer.status_code, answer.mimetype) == (410, "application/problem+json"), path
        assert answer.json["type"].endswith("/problems/gone")
        assert answer.json["dcterms:isReplacedBy"] == [{"@id": f"{ID}treatment/excision"}]
        assert answer.headers["Link"] == '<http://localhost/id/treatment/excision>; rel="successor-version"'
        graph = Graph().parse(data=answer.text, format="json-ld")
        replaced = URIRef("http://purl.org/dc/terms/isReplacedBy")
        assert (URIRef(f"{ID}treatment/cutting"), replaced, URIRef(f"{ID}treatment/excision")) in graph
    answer = pooled_client.get("/id/treatment/bleeding")
    assert answer.status_code == 410
    assert "Link" not in answer.headers
    assert pooled_client.get("/page/treatment").text.count("cutting") == 0
    assert pooled_client.get("/id/treatment/excision").status_code == 303
