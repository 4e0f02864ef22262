"""FAIR, as F-UJI measures it (FAIRsFAIR metrics v0.8): each metric that needs no look-up elsewhere is a test.

What needs the network is whether w3id.org resolves, and whether a registry knows the dataset.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, Graph, URIRef
from rdflib.namespace import DCAT, PROV, VOID

from kg.snapshot import DATASET, METADATA, Snapshot

IRI = "https://w3id.org/calcikg"
Json = dict[str, object]


@pytest.fixture(scope="module")
def embedded(client: FlaskClient) -> Json:
    """What the head of the start page says in schema.org's terms."""
    page = client.get("/", headers={"Accept": "text/html,*/*;q=0.8"}).text
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.partition("</head>")[0], re.DOTALL)
    assert len(found) == 1
    read: Json = json.loads(found[0])
    return read


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get("/.well-known/void").data)


def objects(graph: Graph, property_: URIRef) -> set[str]:
    return {str(value) for value in graph.objects(None, property_)}


def download(embedded: Json) -> dict[str, str]:
    found = embedded["distribution"]
    assert isinstance(found, list)
    return dict(found[0])


def place(address: str) -> str:
    """Return where this service answers for one of its IRIs."""
    return address.removeprefix(IRI) or "/"


def test_f1_01md_identifiers_are_unique(embedded: Json) -> None:
    for identifier in (embedded["identifier"], embedded["@id"], download(embedded)["contentUrl"]):
        scheme, host, *_ = urlsplit(str(identifier))
        assert (scheme, host) == ("https", "w3id.org")


def test_f1_02md_identifiers_are_persistent(client: FlaskClient, embedded: Json) -> None:
    """They are w3id.org's, whatever the host that answers."""
    assert embedded["identifier"] == IRI
    for host in ("localhost", "kg.example.org"):
        assert f'<{IRI}>; rel="cite-as"' in client.get("/", headers={"Host": host}).headers.getlist("Link")


@pytest.mark.parametrize(
    "property_",
    ["creator", "name", "identifier", "datePublished", "publisher", "@type", "description", "keywords"],
)
def test_f2_01m_core_metadata_are_there(property_: str, embedded: Json) -> None:
    assert embedded[property_]


def test_f3_01m_the_metadata_name_the_data(embedded: Json, described: Graph) -> None:
    address = download(embedded)["contentUrl"]
    assert address == f"{IRI}/download/{DATASET}"
    assert objects(described, DCAT.downloadURL) == objects(described, VOID.dataDump) == {address}


def test_f4_01m_search_engines_can_take_the_metadata(client: FlaskClient, embedded: Json) -> None:
    """The properties that Google's dataset search and Bioschemas' profile Dataset 1.0 want, within their bounds."""
    minimum = {"description", "identifier", "keywords", "license", "name", "url"}
    recommended = {"alternateName", "creator", "distribution", "isBasedOn", "version"}
    assert minimum | recommended <= embedded.keys()
    assert embedded["@type"] == "Dataset"
    assert 50 <= len(str(embedded["description"])) <= 5000
    assert {"contentUrl", "encodingFormat"} <= download(embedded).keys()
    assert client.get("/robots.txt").status_code == 200


def test_a1_01m_access_is_stated(embedded: Json, described: Graph) -> None:
    public = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
    assert (embedded["conditionsOfAccess"], embedded["isAccessibleForFree"]) == (public, True)
    assert objects(described, DCTERMS.accessRights) == {public}


def test_a1_02md_metadata_and_data_are_retrieved_by_their_identifiers(client: FlaskClient, embedded: Json) -> None:
    metadata = client.get(place(str(embedded["@id"])), headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert (URIRef(IRI), DCTERMS.title, None) in Graph().parse(data=metadata.data, format="turtle")
    with client.get(place(download(embedded)["contentUrl"])) as data:
        assert (data.status_code, data.mimetype) == (200, download(embedded)["encodingFormat"])


def test_the_version_is_retrieved_by_its_identifier(client: FlaskClient, described: Graph) -> None:
    version = described.value(URIRef(IRI), URIRef("http://www.w3.org/ns/dcat#hasCurrentVersion"))
    reply = client.get(place(str(version)))
    assert (reply.status_code, reply.location) == (303, "/.well-known/void")
    assert client.get("/version/0.0.0").status_code == 404


def test_a1_1_and_a1_2_the_protocol_is_standard_and_allows_authentication(embedded: Json, described: Graph) -> None:
    addresses = {str(embedded["@id"]), download(embedded)["contentUrl"], *objects(described, DCAT.endpointURL)}
    assert {urlsplit(address).scheme for address in addresses} == {"https"}


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/rdf+xml"])
def test_i1_01m_metadata_are_rdf(media_type: str, client: FlaskClient, embedded: Json) -> None:
    """In the page, by content negotiation at the dataset's own IRI, by typed links and by SPARQL."""
    expanded = json.dumps(embedded | {"@context": {"@vocab": "https://schema.org/"}})
    in_page = Graph().parse(data=expanded, format="json-ld")
    assert (URIRef(IRI), URIRef("https://schema.org/name"), None) in in_page
    negotiated = client.get("/", headers={"Accept": media_type})
    assert (negotiated.status_code, negotiated.headers["Vary"]) == (303, "Accept")
    followed = client.get(negotiated.location, headers={"Accept": media_type})
    assert followed.mimetype == media_type
    graph = Graph().parse(data=followed.data, format=media_type)
    links = [link for link in links_of(client, "/") if link["rel"] == "describedby" and link["type"] == media_type]
    linked = client.get(links[0]["href"])
    assert linked.mimetype == media_type
    assert len(Graph().parse(data=linked.data, format=media_type)) == len(graph)
    asked = client.get("/sparql", query_string={"query": f"ASK {{ <{IRI}> a ?type }}", "format": "json"}).json
    assert asked["boolean"] is True


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "application/json", "text/html,text/turtle;q=0.9"])
def test_the_start_page_is_for_everybody_else(accept: str, client: FlaskClient) -> None:
    reply = client.get("/", headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype, reply.headers["Vary"]) == (200, "text/html", "Accept")


def test_i2_01m_metadata_use_registered_vocabularies(described: Graph) -> None:
    used = {re.split(r"[^/#]*$", str(property_))[0] for property_ in described.predicates()}
    registered = {str(DCTERMS), str(DCAT), str(VOID), str(PROV), "http://xmlns.com/foaf/0.1/", "http://purl.org/pav/"}
    assert registered <= used


def test_i3_01m_related_entities_have_qualified_links(embedded: Json, described: Graph, client: FlaskClient) -> None:
    sources = {row["@id"] for row in embedded["isBasedOn"]}  # type: ignore[attr-defined]
    assert sources == objects(described, PROV.wasDerivedFrom)
    known = {row["iri"] for row in client.get("/api/v1/sources").json["items"]}
    assert sources == known


def test_r1_01m_the_content_is_told(embedded: Json, client: FlaskClient) -> None:
    told = download(embedded)
    with client.get(place(told["contentUrl"])) as data:
        assert told["contentSize"] == f"{data.content_length} B"
        assert told["encodingFormat"] == data.mimetype
        assert data.headers["ETag"] == f'"{told["sha256"].lower()}"'


def test_r1_1_01m_the_licence_is_a_standard_one(embedded: Json, described: Graph) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    assert embedded["license"] == download(embedded)["license"] == licence
    assert objects(described, DCTERMS.license) == {licence}


def test_r1_2_01m_provenance_is_told(described: Graph) -> None:
    for property_ in (PROV.wasGeneratedBy, PROV.used, PROV.wasAssociatedWith, PROV.wasDerivedFrom, DCTERMS.creator):
        assert objects(described, property_), property_


def test_r1_3_01m_the_metadata_follow_community_standards(described: Graph, embedded: Json) -> None:
    assert {"https://www.w3.org/TR/hcls-dataset/", "https://www.w3.org/TR/vocab-dcat-3/"} <= objects(
        described, DCTERMS.conformsTo
    )
    profile = embedded["http://purl.org/dc/terms/conformsTo"]
    assert profile == {"@id": "https://bioschemas.org/profiles/Dataset/1.0-RELEASE", "@type": "CreativeWork"}


def test_r1_3_02d_the_file_has_an_open_format_that_its_extension_tells(embedded: Json) -> None:
    told = download(embedded)
    assert (told["encodingFormat"], told["contentUrl"].rpartition(".")[2]) == ("application/n-quads", "nq")


def links_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Return the links that the headers of an answer have (RFC 8288)."""
    with client.get(address) as response:
        return [parse(link) for link in response.headers.getlist("Link")]


def parse(link: str) -> dict[str, str]:
    found = re.fullmatch(r'<([^<>]+)>((?:; [a-z]+="[^"]*")*)', link)
    assert found, link
    return {"href": found[1], **dict(re.findall(r'; ([a-z]+)="([^"]*)"', found[2]))}


def test_the_landing_page_is_signposted(client: FlaskClient) -> None:
    """FAIR Signposting, level 1: what a landing page must and may have, with targets that are there."""
    links = links_of(client, "/")
    relations = {link["rel"] for link in links}
    assert relations == {"author", "cite-as", "describedby", "item", "license", "linkset", "type"}
    assert [link["href"] for link in links if link["rel"] == "cite-as"] == [IRI]
    assert "https://schema.org/AboutPage" in {link["href"] for link in links if link["rel"] == "type"}
    for link in links:
        if link["rel"] in ("describedby", "item", "linkset"):
            with client.get(link["href"]) as target:
                assert target.status_code == 200
                assert link.get("type", target.mimetype) == target.mimetype


@pytest.mark.parametrize(
    ("address", "relations"),
    [
        (f"/download/{DATASET}", {"collection", "type", "license"}),
        ("/sparql", {"collection", "type", "license", "service-desc"}),
        ("/.well-known/void", {"describes", "license"}),
    ],
)
def test_content_and_metadata_lead_back_to_the_landing_page(
    address: str, relations: set[str], client: FlaskClient
) -> None:
    links = links_of(client, address)
    assert {link["rel"] for link in links} == relations
    back = [link for link in links if link["rel"] in ("collection", "describes")]
    assert [(link["href"], link["type"]) for link in back] == [("http://localhost/", "text/html")]


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("disease/systemic-sclerosis", "MedicalCondition"),
        ("treatment/calcinosis-debulking", "SurgicalProcedure"),
        ("outcome/pain", "DefinedTerm"),
        ("finding/zanatta-2020-01", None),
        ("source/zanatta-2020", None),
    ],
)
def test_the_page_of_a_thing_is_signposted(name: str, type_: str | None, client: FlaskClient) -> None:
    links = links_of(client, f"/page/{name}")
    found = {(link["rel"], link["href"]) for link in links if link["rel"] != "describedby"}
    assert found == {
        ("cite-as", f"{IRI}/id/{name}"),
        ("type", "https://schema.org/AboutPage"),
        *([("type", f"https://schema.org/{type_}")] if type_ else []),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("collection", "http://localhost/"),
    }
    described = [link for link in links if link["rel"] == "describedby"]
    assert len(described) == 5
    for link in described:
        data = client.get(link["href"])
        assert (data.status_code, data.mimetype) == (200, link["type"])


def test_problems_have_no_signposts(client: FlaskClient) -> None:
    assert client.get("/sparql?query=nonsense").headers.getlist("Link") == []


def test_signposts_lead_to_the_host_asked(client: FlaskClient) -> None:
    links = client.get("/", base_url="https://kg.example.org/evidence").headers.getlist("Link")
    items = [parse(link)["href"] for link in links if 'rel="item"' in link]
    assert items == [f"https://kg.example.org/evidence/{name}" for name in (f"download/{DATASET}", "sparql")]


def flat(linkset: Json) -> Iterator[tuple[str, str, str, str]]:
    for context in linkset["linkset"]:  # type: ignore[attr-defined]
        for relation, targets in context.items():
            if relation != "anchor":
                yield from ((context["anchor"], relation, row["href"], row.get("type", "")) for row in targets)


def test_the_linkset_has_the_links_of_all_headers(client: FlaskClient) -> None:
    """FAIR Signposting, level 2, in both formats of RFC 9264."""
    reply = client.get("/linkset")
    assert (reply.mimetype, reply.headers["Vary"]) == ("application/linkset+json", "Accept")
    listed = sorted(flat(json.loads(reply.data)))
    text = client.get("/linkset", headers={"Accept": "application/linkset"})
    assert text.mimetype == "application/linkset"
    written = [parse(link) for link in text.text.strip().split(",\n")]
    assert sorted((row["anchor"], row["rel"], row["href"], row.get("type", "")) for row in written) == listed
    anchors = {anchor for anchor, *_ in listed}
    assert len(anchors) == 4
    headers = [
        (anchor, link["rel"], link["href"], link.get("type", ""))
        for anchor in anchors
        for link in links_of(client, anchor)
    ]
    assert sorted(headers) == listed
    assert client.get("/linkset", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize("address", ["/linkset", "/sitemap.xml", "/robots.txt", f"/download/{DATASET}"])
def test_what_is_fixed_is_confirmed_without_a_body(address: str, client: FlaskClient) -> None:
    with client.get(address) as first, client.head(address) as head:
        assert head.data == b""
        assert head.headers["ETag"] == first.headers["ETag"]
        with client.get(address, headers={"If-None-Match": first.headers["ETag"]}) as again:
            assert (again.status_code, again.data) == (304, b"")


def test_metadata_stand_beside_the_data_that_they_describe(snapshot: Snapshot) -> None:
    assert [path.name for path in snapshot.quads] == [DATASET, METADATA]
