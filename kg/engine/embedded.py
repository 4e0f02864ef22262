"""The embedded engine: pyoxigraph in this process, over a store in memory or on disk."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyoxigraph as ox

from kg.engine import stores
from kg.engine.base import Answer, Engine, Format, Query, ServiceClient
from kg.engine.functions import Functions, functions_of
from kg.engine.rewrite import Rewriter
from kg.engine.syntax import explain
from kg.engine.tokens import has_keyword, lower_booleans, read_head
from kg.errors import NotAcceptableError, QueryError
from kg.prefixes import expand

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Sequence[ox.Triple]

_TYPE = ox.NamedNode(expand("rdf:type"))
#: What no XML 1.0 document may contain, in UTF-8: controls, U+FFFE and U+FFFF.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*$")
_UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]+)> is not supported")


class Sink(Protocol):
    """Takes an answer as it is written: first its format, then its bytes."""

    def begin(self, format_: Format, rewritten: tuple[str, ...]) -> None:
        """Take the format chosen, and the rules by which the query was rewritten."""

    def write(self, data: bytes) -> int:
        """Take some bytes; may raise QueryError to stop the answer."""
        ...

    def flush(self) -> None:
        """Pass on what was taken."""


class EmbeddedEngine(Engine):
    """A store that is filled once and only read afterwards.

    With ``union`` the default graph has every triple of every named graph once; a union made at query time would
    return a triple twice when two graphs have it, so that COUNT would be wrong. Without, the quads are served as they
    are. ``service`` sends queries to SERVICE endpoints, without it SERVICE is refused. With ``rewrite`` queries that
    the engine does badly are rewritten (see [kg.engine.rewrite][]).
    """

    missing: tuple[str, ...] = ("a process of its own for each query",)

    def __init__(
        self,
        quads: Iterable[ox.Quad] | ox.Store,
        *,
        union: bool = True,
        service: ServiceClient | None = None,
        rewrite: bool = False,
    ) -> None:
        """Load quads into memory, or take a store that has them."""
        on_disk = isinstance(quads, ox.Store)
        self._store = quads if isinstance(quads, ox.Store) else stores.in_memory(quads, union=union)
        self._service = service
        self._rewriter = Rewriter(self._store, union=union, large=on_disk) if rewrite else None

    @classmethod
    def from_files(
        cls,
        paths: Iterable[Path],
        *,
        union: bool = True,
        service: ServiceClient | None = None,
        rewrite: bool = False,
    ) -> "EmbeddedEngine":
        """Load RDF files of any format, recognised by extension; relative IRIs are resolved against their own IRIs.

        Raises SyntaxError, ValueError or OSError for a file that cannot be read.
        """
        return cls(stores.read([*paths]), union=union, service=service, rewrite=rewrite)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        union: bool = True,
        service: ServiceClient | None = None,
        rewrite: bool = False,
    ) -> "EmbeddedEngine":
        """Open a store on disk that [kg.engine.stores][] has filled. Raises OSError when it is damaged."""
        return cls(ox.Store.read_only(str(folder)), union=union, service=service, rewrite=rewrite)

    def prepare(self) -> None:
        """Read what rewriting needs, which is otherwise read when it is first needed."""
        if self._rewriter is not None:
            self._rewriter.prepare()

    def __len__(self) -> int:
        """Return the number of quads, those of the default graph included."""
        return len(self._store)

    def answer(self, query: Query, formats: Sequence[Format], disconnected: Callable[[], bool] | None = None) -> Answer:
        """Answer a query, always whole (see [kg.engine.base.Engine][])."""
        buffer = Buffer()
        self.write(query, formats, buffer, self._service)
        return Answer(buffer.format, (buffer.getvalue(),), buffer.rewritten)

    def write(self, query: Query, formats: Sequence[Format], sink: Sink, service: ServiceClient | None) -> None:
        """Write the answer to a query as it is evaluated; raises what [kg.engine.base.Engine][] says."""
        try:
            federated = has_keyword(query.text, "SERVICE")
            results, rules = (self._federate(query, service), ()) if federated else self._rewrite(query)
            serialise(results, formats, sink, query.graph, rules)
        except SyntaxError as error:
            raise explain(str(error), query.text) from None
        except (ValueError, RuntimeError, OSError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None

    def _federate(self, query: Query, service: ServiceClient | None) -> Results:
        from kg.engine.service.federation import FUNCTIONS, federate

        def evaluate(text: str) -> Results:
            return self._evaluate(replace(query, text=text), FUNCTIONS)

        return evaluate(federate(query, evaluate, service))

    def _rewrite(self, query: Query) -> tuple[Results, tuple[str, ...]]:
        """Evaluate a query, rewritten if that helps; return with what it gives the rules that rewrote it."""
        if self._rewriter is not None and query.quads is None:
            text, rules = self._rewriter.rewrite(query.text, query.base)
            # An error of the query is told by its own text: places in it are those that its author knows.
            with suppress(SyntaxError):
                return self._evaluate(replace(query, text=text)), rules
        return self._evaluate(query), ()

    def _store_of(self, query: Query) -> ox.Store:
        """Return the store, or one with the quads of a query."""
        if query.quads is None:
            return self._store
        store = ox.Store()
        store.extend(ox.parse(query.quads, format=ox.RdfFormat.N_QUADS))
        return store

    def _evaluate(self, query: Query, functions: Functions | None = None) -> Results:
        """Evaluate a query; ``functions`` are those it may call besides the project's own.

        An unknown function is an error of its expression only (SPARQL 1.1, section 17.6). The engine would refuse the
        whole query, so it is given a function that always fails.
        """
        text, (store, dataset) = lower_booleans(query.text), _dataset(self._store_of(query), query)
        calls, aggregates = functions_of(query.text)
        known: dict[ox.NamedNode, Any] = {**(functions or {}), **calls}
        while True:
            try:
                return store.query(
                    text,
                    base_iri=query.base,
                    custom_functions=known,
                    custom_aggregate_functions=aggregates,
                    **dataset,
                )
            except RuntimeError as error:
                unknown = _UNKNOWN_FUNCTION.search(str(error))
                if unknown is None or ox.NamedNode(unknown[1]) in known:
                    raise
                known[ox.NamedNode(unknown[1])] = lambda *_: None


class _XmlSink:
    """Takes XML in pieces, with what the serialiser leaves to do: what XML cannot hold is refused (XML 1.0, 2.2).

    A bare carriage return would be read as a line feed (XML 1.0, section 2.11), so it becomes a reference.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink, self._before = sink, b""

    def write(self, data: bytes) -> int:
        if _NOT_XML.search(self._before + data):
            raise NotAcceptableError("the answer has a character that XML does not allow; request another format")
        self._before = data[-2:]  # a character may be in two pieces
        self._sink.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        self._sink.flush()


def has_xml_names(triple: ox.Triple) -> bool:
    """Tell whether predicate and type of a triple end in names of XML, so that they can be elements in RDF/XML."""
    names = triple.predicate, *([triple.object] if triple.predicate == _TYPE else [])
    return all(not isinstance(term, ox.NamedNode) or _ends_in_xml_name(term.value) for term in names)


@lru_cache(maxsize=1000)
def _ends_in_xml_name(iri: str) -> bool:
    return _XML_NAME.search(iri) is not None


def _named_in_xml(triple: ox.Triple) -> ox.Triple:
    """Return a triple that RDF/XML can hold (section 6.1: names of elements); raises NotAcceptableError for others."""
    if not has_xml_names(triple):
        term = triple.predicate if triple.predicate != _TYPE else triple.object
        raise NotAcceptableError(f"{term} does not end in an XML name, which RDF/XML needs; request another format")
    return triple


class Buffer(BytesIO):
    """A sink that holds the whole answer."""

    format: Format
    rewritten: tuple[str, ...]

    def begin(self, format_: Format, rewritten: tuple[str, ...]) -> None:
        """Take the format chosen, and the rules by which the query was rewritten."""
        self.format, self.rewritten = format_, rewritten


def _dataset(store: ox.Store, query: Query) -> tuple[ox.Store, dict[str, Any]]:
    """Return the store to evaluate a query in, and which of its graphs are the dataset (SPARQL 1.1, section 13.2).

    The request's dataset comes before the query's, and without either the engine chooses. A default graph of several
    graphs is their merge, where a triple of two of them counts once. The engine would find it twice, so that COUNT
    would be wrong: it is given the merge as a store of its own.
    """
    if query.default_graphs is None and query.named_graphs is None:
        graphs = dataset_of_text(query)
    else:
        graphs = query.default_graphs or (), query.named_graphs or ()
    if graphs is None:
        return store, {}
    default, named = (list(dict.fromkeys(map(ox.NamedNode, iris))) for iris in graphs)
    if len(default) < 2:
        return store, {"default_graph": default, "named_graphs": named}
    merged = ox.Store()
    for graph in default:
        quads = store.quads_for_pattern(None, None, None, graph)
        merged.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged, {"default_graph": [ox.DefaultGraph()], "named_graphs": named}


def dataset_of_text(query: Query) -> tuple[Sequence[str], Sequence[str]] | None:
    """Return the IRIs of FROM and FROM NAMED; None for a query without them, or with one that does not parse."""
    if not has_keyword(query.text, "FROM"):
        return None
    head = read_head(query.text)

    def resolve(graphs: Iterable[str]) -> list[str]:
        # A SPARQL prologue is valid Turtle too, whose parser resolves prefixes and relative IRIs.
        turtle = f"{head.prologue}\n" + "".join(f"<urn:x> <urn:x> {graph} .\n" for graph in graphs)
        quads = ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=query.base)
        return [quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)]

    try:
        default, named = resolve(head.default), resolve(head.named)
    except SyntaxError:
        return None  # the engine will say what is wrong, and where
    return (default, named) if default or named else None


def choose(kind: str, formats: Sequence[Format]) -> Format:
    """Return the first format of a kind; raises NotAcceptableError when there is none."""
    chosen = next((row for row in formats if row.kind == kind), None)
    if chosen is None:
        name = "a graph" if kind == "graph" else "a table or a truth value"
        raise NotAcceptableError(f"the query's answer is {name}, which has none of the formats requested")
    return chosen


def serialise(
    results: Results, formats: Sequence[Format], sink: Sink, graph: str | None, rewritten: tuple[str, ...] = ()
) -> None:
    """Write results in the first of some formats that suits them; raises NotAcceptableError when none does."""
    chosen = choose("results" if isinstance(results, ox.QuerySolutions | ox.QueryBoolean) else "graph", formats)
    sink.begin(chosen, rewritten)
    output = cast(IO[bytes], _XmlSink(sink) if chosen.name in ("xml", "rdf") else sink)
    if not isinstance(results, ox.QuerySolutions | ox.QueryBoolean):
        format_ = ox.RdfFormat.from_media_type(chosen.media_type)
        if format_ == ox.RdfFormat.RDF_XML:
            ox.serialize(map(_named_in_xml, results), output, format=format_)
        elif graph is not None and chosen.names_graphs:
            named = ox.NamedNode(graph)
            quads = (ox.Quad(triple.subject, triple.predicate, triple.object, named) for triple in results)
            ox.serialize(quads, output, format=format_)
        elif isinstance(results, ox.QueryTriples):
            results.serialize(output, format=format_)
        else:
            ox.serialize(results, output, format=format_)
    elif isinstance(results, ox.QueryBoolean) and chosen.name in ("csv", "tsv"):
        # SPARQL 1.1 defines CSV and TSV for SELECT only; other endpoints send a bare word for ASK.
        sink.write(b"true\n" if results else b"false\n")
    else:
        results.serialize(output, format=ox.QueryResultsFormat.from_media_type(chosen.media_type))
    sink.flush()
