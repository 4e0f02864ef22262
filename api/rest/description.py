"""``/openapi.json``: the description of the REST API, with real answers as its examples."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask.json.provider import DefaultJSONProvider
from flask_openapi.models.schema import Schema
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.http.serving import labels, served
from kg.read.filters import finding_filters, options

_SCHEMAS = "#/components/schemas/"
_LINKED = {"application/ld+json": {"schema": {"type": "object"}}}
_TABLES = {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "text/tab-separated-values")}
#: The models of all answers.
_ANSWERS: list[type[BaseModel]] = []


def answer_of(model: type[BaseModel]) -> dict[Any, Any]:
    """Return what an operation answers, for its description; the schema of the model is made with the description."""
    _ANSWERS.append(model)
    return {200: {"content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{model.__name__}"}}}}}


class _Ordered(DefaultJSONProvider):
    """Writes JSON with its keys in the order in which people read them."""

    sort_keys = False


class Described(OpenAPI):
    """A Flask application that describes its operations (OpenAPI 3.1)."""

    json_provider_class = _Ordered

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function as it is: none is a coroutine, and Flask would look at each hook of each request again."""
        return func

    @property
    def api_doc(self) -> dict[str, Any]:
        """The description, with examples from the snapshot that is served."""
        return self._described(served().version)

    @lru_cache(maxsize=2)  # noqa: B019 (an application lives as long as its process)
    def _described(self, version: str) -> dict[str, Any]:
        self.spec_json = {}  # else that of the snapshot before
        self.components_schemas |= _schemas()
        description: dict[str, Any] = super().api_doc
        description["components"]["schemas"]["Finding"] = labels().schema.json_schema
        for path, operations in description["paths"].items():
            operation = operations["get"]
            if path.endswith("/findings"):
                _describe_filters(operation["parameters"])
            names = [parameter["name"] for parameter in operation.get("parameters", ())]
            content = operation["responses"]["200"]["content"]
            content |= _LINKED | (_TABLES if "cursor" in names else {})
            content["application/json"]["example"] = self._answer(path, operation.get("parameters", ()))
        return description

    def _answer(self, path: str, parameters: list[dict[str, Any]]) -> Any:
        """Ask an operation by the examples of its parameters; return its answer, of a list its first item."""
        query: dict[str, Any] = {}
        for parameter in parameters:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
            elif "example" in parameter and parameter["required"]:
                query[parameter["name"]] = parameter["example"]
            elif parameter["name"] == "limit":
                query["limit"] = 1
        return self.test_client().get(path, query_string=query).json


def _schemas() -> dict[str, Schema]:
    """Return the schemas of all answers, and of what they consist of, by their names."""
    made = models_json_schema([(model, "serialization") for model in _ANSWERS], ref_template=f"{_SCHEMAS}{{model}}")
    return {name: Schema(**schema) for name, schema in made[1]["$defs"].items()}


def _describe_filters(parameters: list[dict[str, Any]]) -> None:
    """Add the filters that are keys of the schema to the parameters of the list, and the terms to choose from."""
    described = {parameter["name"]: parameter for parameter in parameters}
    for one in finding_filters(labels()):
        if one.name not in described:
            schema = {"type": "array", "items": {"type": "string"}}
            described[one.name] = {"name": one.name, "in": "query", "required": False, "schema": schema}
            described[one.name] |= {"description": one.meaning} | ({"example": [one.example]} if one.example else {})
            parameters.append(described[one.name])
        if one.noun and one.name != "source":
            described[one.name]["schema"]["items"]["enum"] = list(options(labels(), one.name))
