"""Every update of the suites is refused, however it is sent."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from rdflib import Namespace, URIRef

from w3c.conftest import Each
from w3c.exchanges import read_exchanges
from w3c.manifest import MF, Entry, path_of
from w3c.services import Service

UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
FORM = "application/x-www-form-urlencoded"


def sent(entry: Entry) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Yield the requests of a test that ask for an update."""
    if entry.kind == "ProtocolTest":
        for exchange in read_exchanges(entry):
            if "update" in exchange.headers["content-type"] or exchange.body.startswith(b"update="):
                path = exchange.path.replace("/sparql/", "/sparql")
                yield exchange.method, path, exchange.headers, exchange.body
        return
    action = entry.graph.value(entry.node, MF.action)
    text = path_of(action if isinstance(action, URIRef) else entry.graph.value(action, UT.request)).read_bytes()
    yield "POST", "/sparql", {"Content-Type": "application/sparql-update"}, text
    yield "POST", "/sparql", {"Content-Type": FORM}, urlencode({"update": text}).encode()


def test_an_update_is_refused(service: Service, each: Each) -> None:
    def refuse(entry: Entry) -> None:
        requests = list(sent(entry))
        assert requests
        for request in requests:
            reply = service.send(*request)
            assert reply.status == 403
            assert json.loads(reply.body)["type"].endswith("/update-refused")

    each("update", refuse)


def test_an_update_is_no_query(service: Service, each: Each) -> None:
    def refuse(entry: Entry) -> None:
        for *_, body in sent(entry):
            reply = service.send("POST", "/sparql", {"Content-Type": "application/sparql-query"}, body)
            assert reply.status == 400
            assert json.loads(reply.body)["type"].endswith(("/query-syntax", "/refused"))

    each("update", refuse)
