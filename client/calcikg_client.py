"""A client for a calcikg service: the REST API as records and data frames, and SPARQL answers as data frames.

    >>> from calcikg_client import Client
    >>> client = Client("http://127.0.0.1:8080")
    >>> client.findings(about="treatment/topical-sodium-thiosulfate")  # doctest: +SKIP

It needs pandas and requests, and no part of the service. The columns of a table and their types come from the
service's own description (``/api/v1/openapi.json``): a new key there is a new column here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import pandas as pd
import requests

__all__ = ["Client", "Network", "Record", "ServiceProblem"]

#: A parameter of a request; None leaves it out, several values mean any of them.
Parameter = str | int | Sequence[str] | None
_Json = dict[str, Any]

_PAGE = 500  # items in a request: the most that the service gives
_SEPARATOR = "; "  # between several labels or ids in one cell
_MAX_INT64 = 2**63 - 1
_XSD = "http://www.w3.org/2001/XMLSchema#"


class ServiceProblem(Exception):  # noqa: N818 (named as RFC 9457 does)
    """A request that the service refused: HTTP status, title and detail, and the address that explains the problem."""

    def __init__(self, status: int, title: str, detail: str, type_: str = "about:blank") -> None:
        self.status, self.title, self.detail, self.type = status, title, detail, type_
        super().__init__(f"{title}: {detail}")


class Record(SimpleNamespace):
    """A JSON object as the service sent it, read-only: its keys are attributes, and a key that is absent reads as None.

    ``record["key"]`` reads any key, such as ``from``, which is no name in Python; ``vars(record)`` is the whole as a
    dictionary.

    >>> record = Record({"id": "finding/a-01", "subject": Record({"label": "colchicine"})})
    >>> record.subject.label, record.p_value
    ('colchicine', None)
    """

    def __init__(self, keys: _Json | None = None) -> None:
        super().__init__(**(keys or {}))

    def __getattr__(self, key: str) -> Any:
        """Return None for a key that is absent."""
        if key.startswith("__"):  # protocols of Python, such as that of copying
            raise AttributeError(key)
        return None

    def __getitem__(self, key: str) -> Any:
        """Return the value of any key; None when it is absent."""
        return getattr(self, key)

    def __setattr__(self, key: str, value: object) -> None:
        """Refuse: a record is what the service sent."""
        raise AttributeError(f"a record is read-only; its {key!r} cannot be set")


class Network(NamedTuple):
    """Entities and the relations between them.

    ``nodes`` is by id; ``edges`` has the columns ``from_id``, ``predicate``, ``to_id`` and, where findings support the
    relation, their ids, directions and best evidence level. For networkx: ``networkx.from_pandas_edgelist(edges,
    "from_id", "to_id", edge_attr=True, edge_key="predicate", create_using=networkx.MultiDiGraph)``.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame


class Client:
    """Asks one service.

    Filters go to the service as they are given; several values mean any of them. Every method raises ServiceProblem
    when the service refuses a request, such as an unknown filter, and requests' own errors when it cannot be reached.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", timeout: float = 60) -> None:
        """Ask the service at an address; ``timeout`` is in seconds, for each request."""
        self._url, self._timeout = url.rstrip("/"), timeout
        self._session = requests.Session()

    def entity(self, id_: str) -> Record:
        """Return an entity by its id, such as ``treatment/colchicine``."""
        return self._record(f"entities/{id_}")

    def finding(self, id_: str) -> Record:
        """Return a finding by its id, such as ``finding/debulking-2021-30``."""
        return self._record(f"findings/{id_.removeprefix('finding/')}")

    def source(self, id_: str) -> Record:
        """Return a source by its id, such as ``source/debulking-2021``, or a study that a source cites."""
        return self._record(f"sources/{id_.removeprefix('source/').removeprefix('study/')}")

    def disagreement(self, id_: str) -> Record:
        """Return a disagreement with its sides by its id, such as ``disagreement/infection-after-surgery``."""
        return self._record(f"disagreements/{id_.removeprefix('disagreement/')}")

    def question(self, id_: str, **parameters: Parameter) -> Record:
        """Return a competency question with its current answer, asked about other entities where some are given."""
        return self._record(f"questions/{id_.removeprefix('question/')}", **parameters)

    def compare(self, *treatments: str, outcome: str | None = None) -> Record:
        """Return treatments side by side."""
        return self._record("compare", treatment=treatments, outcome=outcome)

    def paths(self, start: str, end: str, max_length: int = 4, limit: int = 10) -> list[Record]:
        """Return the paths between two entities, the shortest first; each step names its findings."""
        between = {"from": start, "to": end}
        paths: list[Record] = self._record("paths", **between, max_length=max_length, limit=limit).paths
        return paths

    def stats(self) -> Record:
        """Return the version of the dataset, and its size."""
        return self._record("stats")

    def graph(self, center: str, depth: int = 1, types: str | Sequence[str] | None = None) -> Network:
        """Return the entities within some steps of an entity, and the relations between them."""
        graph = self._read("graph", center=center, depth=depth, types=types)
        return Network(self._table("Node", graph["nodes"]).set_index("id"), self._table("Relation", graph["edges"]))

    def search(self, name: str, type_: str | Sequence[str] | None = None, limit: int = 20) -> pd.DataFrame:
        """Return entities with a name like this as a table, by id, the best match first; ``limit`` is at most 500."""
        page = self._read("search", q=name, type=type_, limit=limit)
        return self._table("Hit", page["items"]).set_index("id")

    def entities(self, type_: str | Sequence[str] | None = None, **filters: Parameter) -> pd.DataFrame:
        """Return entities as a table, by id: of one class or several with their subclasses; ``q``: named like this."""
        return self._table("Reference", self._items("entities", type=type_, **filters)).set_index("id")

    def findings(self, **filters: Parameter) -> pd.DataFrame:
        """Return findings as a table, by id, with figures as printed and a citation.

        The columns of a reference are its label (``subject``) and its other keys (``subject_id``). The interval
        ``exact_interval_lower`` to ``exact_interval_upper`` is computed from numerator and denominator, in per cent.
        """
        return self._findings(list(self._items("findings", **filters))).set_index("id")

    def sources(self) -> pd.DataFrame:
        """Return the sources as a table, by id, each with its full citation."""
        items = list(self._items("sources"))
        return self._table("Source", items).assign(citation=[cite_source(item) for item in items]).set_index("id")

    def disagreements(self, **filters: Parameter) -> pd.DataFrame:
        """Return disagreements as a table: a row for each finding of each side, with all columns of a finding."""
        rows = [
            (item, side, finding)
            for item in self._items("disagreements", **filters)
            for side in item["sides"]
            for finding in side["findings"]
        ]
        table = self._findings([finding for *_, finding in rows]).rename(columns={"id": "finding"})
        about = {
            "disagreement": [item["id"] for item, *_ in rows],
            "type": [item["type"] for item, *_ in rows],
            "question": [item["question"] for item, *_ in rows],
            "status": [item.get("status") for item, *_ in rows],
            "reasons": [_join(item["reasons"], "label") for item, *_ in rows],
            "side": [side["label"] for _, side, _ in rows],
        }
        return pd.concat([pd.DataFrame(about), table], axis="columns")

    def evidence_map(self, by: str = "outcome") -> pd.DataFrame:
        """Return how many findings there are of each treatment on each outcome, complication, site or subtype.

        Those in other diseases or mixed groups are in the column ``elsewhere``, and count for nothing else.
        """
        whole = self._read("evidence-map", by=by)
        labels = {item["id"]: item["label"] for item in (*whole["treatments"], *whole["aspects"])}
        table = self._table("MapCell", whole["cells"]).rename(
            columns={"treatment": "treatment_id", "aspect": "aspect_id"}
        )
        for column in ("findings", "elsewhere"):
            table[column] = [len(cell.get(column, ())) for cell in whole["cells"]]
        table.insert(0, "treatment", table["treatment_id"].map(labels))
        table.insert(1, "aspect", table["aspect_id"].map(labels))
        return table

    def gaps(self, by: str | None = None, **filters: Parameter) -> pd.DataFrame:
        """Return what is unstudied, or rests on opinion alone, as a table; what concerns most people first."""
        return self._table("Gap", self._items("gaps", by=by, **filters))

    def questions(self) -> pd.DataFrame:
        """Return the competency questions as a table, by id."""
        return self._table("QuestionReference", self._items("questions")).set_index("id")

    def answer(self, id_: str, **parameters: Parameter) -> pd.DataFrame:
        """Return the answer to a competency question as a table, asked about other entities where some are given."""
        question = self.question(id_, **parameters)
        return to_table(question.columns, question.rows)

    def sparql(self, query: str) -> pd.DataFrame:
        """Return the answer to a SELECT as a table: numbers by their datatypes, and unbound variables as missing.

        Raises ValueError for an ASK.
        """
        accept = {"Accept": "application/sparql-results+json"}
        answer = self._session.post(f"{self._url}/sparql", {"query": query}, headers=accept, timeout=self._timeout)
        results = _check(answer).json()
        names = results["head"].get("vars")
        if names is None:
            raise ValueError("only a SELECT has a table as its answer")
        rows = [[_value(row.get(name)) for name in names] for row in results["results"]["bindings"]]
        return to_table(names, rows)

    def _get(self, url: str, parameters: Mapping[str, Parameter]) -> requests.Response:
        return _check(self._session.get(url, params=dict(parameters), timeout=self._timeout))

    def _read(self, path: str, **parameters: Parameter) -> _Json:
        body: _Json = self._get(f"{self._url}/api/v1/{path}", parameters).json()
        return body

    def _record(self, path: str, **parameters: Parameter) -> Record:
        answer = self._get(f"{self._url}/api/v1/{path}", parameters)
        record: Record = json.loads(answer.content, object_hook=Record)
        return record

    def _items(self, path: str, **filters: Parameter) -> Iterator[_Json]:
        """Yield the items of a list, page after page."""
        page = self._read(path, limit=_PAGE, **filters)
        yield from page["items"]
        while "next" in page:
            page = self._get(page["next"], {}).json()
            yield from page["items"]

    @cached_property
    def _schemas(self) -> _Json:
        """The JSON schema of each kind of item, as the service describes them."""
        schemas: _Json = self._read("openapi.json")["components"]["schemas"]
        return schemas

    def _schema(self, schema: _Json) -> _Json:
        """Return a schema with references resolved and without the choice of null."""
        if "$ref" in schema:
            return self._schema(self._schemas[schema["$ref"].rpartition("/")[2]])
        choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
        if {choice.get("type") for choice in choices} == {"integer", "number"}:
            return {"type": "number"}
        return self._schema(choices[0]) if choices else schema

    def _table(self, name: str, items: Iterable[_Json]) -> pd.DataFrame:
        """Return items as a table with the columns that the schema of this name describes."""
        rows = list(items)
        columns: dict[str, pd.Series[Any]] = {}
        for key, described in self._schema(self._schemas[name])["properties"].items():
            schema = self._schema(described)
            values = [row.get(key) for row in rows]
            if parts := schema.get("properties"):
                main = next((part for part in ("rank", "label") if part in parts), "")
                for part in sorted(parts, key=lambda part: part != main):
                    column = key if part == main else f"{key}_{part}"
                    own = [value.get(part) if value else None for value in values]
                    columns[column] = _column(own, self._schema(parts[part]).get("type"))
            elif schema.get("type") == "array":
                parts = self._schema(schema["items"]).get("properties", {})
                columns[key] = _column([_join(value or (), "label") for value in values], "string")
                if "id" in parts:
                    columns[f"{key}_id"] = _column([_join(value or (), "id") for value in values], "string")
            else:
                columns[key] = _column(values, schema.get("type"))
        return pd.DataFrame(columns)

    def _findings(self, items: Sequence[_Json]) -> pd.DataFrame:
        return self._table("Finding", items).assign(citation=[cite(item["source"]) for item in items])


def cite(work: _Json) -> str:
    """Return the short citation of a source or study: label, year and address.

    >>> cite({"id": "source/a", "label": "A page", "year": 2024, "pmid": "1"})
    'A page. 2024. https://pubmed.ncbi.nlm.nih.gov/1/'
    """
    year = str(work.get("year", ""))
    return _sentences(work["label"], "" if year in work["label"] else year, _address(work))


def cite_source(source: _Json) -> str:
    """Return the full citation of a source: authors, title, journal with volume and pages, and address."""
    issue = f"({source['issue']})" if "issue" in source else ""
    pages = f":{source['pages']}" if "pages" in source else ""
    place = f"{source.get('volume', '')}{issue}{pages}"
    journal = f"{source.get('container', '')} {source.get('year', '')}{';' if place else ''}{place}".strip()
    return _sentences(source.get("authors", ""), source.get("title") or source["label"], journal, _address(source))


def to_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows as a table, each column of the narrowest type; whole numbers stay whole beside missing ones.

    >>> to_table(["n", "label"], [[3, "a"], [None, "b"]]).dtypes["n"]
    Int64Dtype()
    """
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame({name: _narrowed(values) for name, values in zip(names, columns, strict=True)})


def _narrowed(values: Sequence[Any]) -> "pd.Series[Any]":
    column: pd.Series[Any] = pd.Series(list(values), dtype="object")
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return column.astype("boolean")
    if kinds == {int} and all(abs(value) <= _MAX_INT64 for value in values if value is not None):
        return column.astype("Int64")
    if kinds and kinds <= {int, float}:
        return column.astype("float64")
    return column.infer_objects()


def _column(values: Sequence[Any], type_: str | None) -> "pd.Series[Any]":
    """Return a column of the type of a JSON schema; a truth value that is left out is false."""
    match type_:
        case "number":
            return pd.Series(values, dtype="float64")
        case "integer":
            return pd.Series(values, dtype="Int64")
        case "boolean":
            return pd.Series([value is True for value in values], dtype="bool")
        case _:
            return pd.Series(values, dtype="object")


def _join(members: Iterable[Any], key: str) -> str | None:
    """Return members in one cell, references by one of their keys; None for none."""
    words = [str(member.get(key, "")) if isinstance(member, Mapping) else str(member) for member in members]
    return _SEPARATOR.join(words) or None


def _value(term: Mapping[str, str] | None) -> str | int | float | bool | None:
    """Return an RDF term as a plain value; an ill-typed literal such as ``"two"^^xsd:integer`` as its text."""
    if term is None:
        return None
    text, datatype = term["value"], term.get("datatype", "").removeprefix(_XSD)
    try:
        match datatype:
            case "integer":
                return int(text)
            case "decimal":
                number = Decimal(text)
                return int(number) if number == number.to_integral_value() else float(number)
            case "double":
                return float(text)
            case "boolean":
                return text == "true"
    except (ValueError, ArithmeticError):
        pass
    return text


def _address(work: _Json) -> str:
    if "doi" in work:
        return f"https://doi.org/{work['doi']}"
    if "pmid" in work:
        return f"https://pubmed.ncbi.nlm.nih.gov/{work['pmid']}/"
    return str(work.get("url", ""))


def _sentences(*parts: str) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part)


def _check(answer: requests.Response) -> requests.Response:
    if answer.ok:
        return answer
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        body = answer.json()
        raise ServiceProblem(answer.status_code, body["title"], body["detail"], body["type"])
    raise ServiceProblem(answer.status_code, "This is not the answer of a calcikg service", answer.reason)
