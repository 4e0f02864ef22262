"""The blueprint of the REST API, and what its operations share."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.license import License
from flask_openapi.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from werkzeug.exceptions import NotFound

from api.http.problems import problem
from api.http.responses import JSON_LD, respond
from api.http.serving import labels
from api.rest.description import Described
from kg import __version__
from kg.read.filters import Filter, Filters, unknown_entity

PREFIX = "/api/v1"

_PROBLEMS = {
    "400": "A parameter or its value is invalid",
    "404": "Nothing has this name",
    "406": "The answer is not available in a format requested",
    "429": "Too many requests",
    "503": "All workers are busy, or the answer took too long",
}
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

blueprint = APIBlueprint(
    "rest",
    __name__,
    url_prefix=PREFIX,
    abp_tags=[Tag(name="evidence", description="Every answer also as JSON-LD, every list also as CSV and TSV")],
    operation_id_callback=lambda *, name, path, method: name,
    abp_responses={status: {"description": text, "content": _CONTENT} for status, text in _PROBLEMS.items()},
)


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Address of a page that explains this kind of problem")
    title: str
    status: int
    detail: str


class Parameters(BaseModel):
    """Parameters of a request; others than those described are refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the JSON schema, made once: the OpenAPI layer asks for it at each request."""
        key = str((arguments, sorted(options.items(), key=str)))
        if key not in (made := _SCHEMAS.setdefault(cls, {})):
            made[key] = super().model_json_schema(*arguments, **options)
        return made[key]


_SCHEMAS: dict[type, dict[str, dict[str, Any]]] = {}
_Model = TypeVar("_Model", bound=BaseModel)


class ItemParameters(Parameters):
    """Parameters of an answer that is not a list."""

    format: Literal["json", "jsonld"] | None = Field(None, description="Takes precedence over the Accept header")


def takes_filters(filters: Sequence[Filter]) -> Callable[[type[_Model]], type[_Model]]:
    """Return a decorator that adds filters to the parameters of an operation."""

    def add(model: type[_Model]) -> type[_Model]:
        fields: dict[str, Any] = {one.name: _field(one) for one in filters}
        return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)

    return add


def _field(one: Filter) -> tuple[object, Any]:
    if one.limits:
        lowest, highest = one.limits
        return int | None, Field(None, ge=lowest, le=highest, description=one.meaning)
    return list[str], Field([], description=one.meaning, json_schema_extra={"example": [one.example]})


def filters_of(parameters: type[BaseModel], allowed: Sequence[Filter]) -> Filters:
    """Return the filters of this request: its parameters without the others of an operation; raises FilterError."""
    others = parameters.model_fields.keys() - {one.name for one in allowed}
    return Filters.read([pair for pair in request.args.items(multi=True) if pair[0] not in others], allowed)


def named(name: str) -> str:
    """Return the IRI of the entity that a path names by its id or an external identifier; raises NotFound."""
    iri = labels().find(name)
    if iri is None:
        raise NotFound(unknown_entity(labels(), name))
    return iri


def make_app(name: str) -> Described:
    """Make the application: a Flask application that describes the operations registered with it."""
    app = Described(
        name,
        info=Info(
            title="calcikg",
            version=__version__,
            description="The evidence on calcinosis in systemic sclerosis, finding by finding. Not medical advice.",
            license=License(name="CC-BY-4.0", identifier="CC-BY-4.0"),
        ),
        doc_prefix=PREFIX,
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=_invalid,
    )
    app.openapi_version = "3.1.0"  # tools that read 3.2 are rare, and nothing here needs it
    app.config["SWAGGER_HTML_STRING"] = '{% include "swagger.html" %}'
    app.config["OPENAPI_HTML_STRING"] = '{% include "rest.html" %}'
    return app


@blueprint.get("/context.jsonld", summary="The JSON-LD context", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    return respond(JSON_LD, lambda: json.dumps(labels().schema.context, indent=2, ensure_ascii=False))


def _invalid(error: ValidationError) -> Response:
    wrong = []
    for row in error.errors(include_url=False):
        name = ".".join(map(str, row["loc"]))
        unknown = row["type"] == "extra_forbidden"
        wrong.append(f"there is no parameter {name[:80]!r}" if unknown else f"{name}: {row['msg']}")
    return problem("bad-request", f"{'; '.join(wrong)}; {PREFIX}/openapi.json describes the parameters")
