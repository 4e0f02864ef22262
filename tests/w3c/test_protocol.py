"""The query tests of the SPARQL 1.1 Protocol suite: each request as the manifest writes it, against the endpoint."""

from kg.engine import GRAPHS, RESULTS
from w3c.conftest import Each
from w3c.exchanges import read_exchanges
from w3c.manifest import Entry
from w3c.results import read_results
from w3c.services import InProcess, Service, protocol_data

FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {row.media_type for row in RESULTS},
    "RDF": {row.media_type for row in GRAPHS},
}


def test_protocol(service: Service, each: Each) -> None:
    each("protocol", lambda entry: exchange_all(service, entry))


def exchange_all(service: Service, entry: Entry) -> None:
    """Send the requests of a test, and compare each response with what the manifest expects."""
    if isinstance(service, InProcess):
        service.load(protocol_data())
    for exchange in read_exchanges(entry):
        path = exchange.path.replace("/sparql/", "/sparql")
        reply = service.send(exchange.method, path, exchange.headers, exchange.body)
        assert str(reply.status).startswith(exchange.statuses), reply.body
        if reply.status >= 400:
            assert reply.media_type == "application/problem+json"
        if exchange.expected_format is not None:
            assert reply.media_type in FORMATS[exchange.expected_format]
        if exchange.expected_boolean is not None:
            assert read_results(reply.body, "json") is exchange.expected_boolean
