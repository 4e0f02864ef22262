"""The blueprint of the REST API, and what its operations share."""

from collections.abc import Sequence
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.license import License
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import NotFound

from api.http.problems import problem
from api.http.serving import labels
from api.rest.description import Described
from kg import __version__
from kg.prefixes import ID, ONTOLOGY

PREFIX = "/api/v1"

_PROBLEMS = {
    "400": "A parameter cannot be understood",
    "404": "There is nothing of this name",
    "406": "The answer does not exist in a format asked for",
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
    """Parameters of a request: none may stand there that is not described."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the JSON schema, made once: the OpenAPI layer asks for it at each request."""
        key = str((arguments, sorted(options.items(), key=str)))
        if key not in (made := _SCHEMAS.setdefault(cls, {})):
            made[key] = super().model_json_schema(*arguments, **options)
        return made[key]


class Whole(Parameters):
    """How an answer that is no list is asked for."""

    format: Literal["json", "jsonld"] | None = Field(None, description="Goes before the Accept header")


# How entities relate to an external term that names none of them, by the relation of the mapping.
_RELATED = {
    "broadMatch": "narrower than it",
    "narrowMatch": "broader than it",
    "relatedMatch": "related to it",
    "closeMatch": "close to it",
    "exactMatch": "the same",
}

_SCHEMAS: dict[type, dict[str, dict[str, Any]]] = {}


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
        security_schemes={},
        doc_prefix=PREFIX,
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=_invalid,
    )
    # Without a validator, Swagger UI has no other host read the description; its plain layout has no bar on top.
    app.config["SWAGGER_CONFIG"] = {"validatorUrl": None, "layout": "BaseLayout"}
    app.config["OPENAPI_HTML_STRING"] = '{% include "rest.html" %}'
    return app


def known(name: str) -> str:
    """Return the IRI of the entity that an id, an IRI or an external identifier names; raises NotFound when none is."""
    iri = labels().find(name)
    if iri is None:
        raise _unknown(name)
    return iri


def known_below(chosen: Sequence[str]) -> list[str]:
    """Return the entities that the values of a filter stand for; raises NotFound for a value that names nothing."""
    found: dict[str, None] = {}
    for name in chosen:
        below = labels().descendants(name)
        if not below:
            raise _unknown(name)
        found |= dict.fromkeys(below)
    return list(found)


def _unknown(name: str) -> NotFound:
    matched = labels().matches.get(labels().iri(name), {})
    told = [f"{_RELATED[kind]}: {', '.join(iri.removeprefix(ID) for iri in matched[kind])}" for kind in sorted(matched)]
    if not told and labels().descendants(name):
        told = [f"{PREFIX}/entities?below={name} lists what falls under it"]
    if not told:
        return NotFound(f"there is no {name!r} here; {PREFIX}/search finds entities by name")
    return NotFound(f"{name!r} names no entity here; {'; '.join(told)}")


def term(name: str) -> str:
    """Return the IRI of a term of the ontology; raises NotFound when there is none."""
    iri = ONTOLOGY + name
    if iri not in labels().terms:
        raise NotFound(f"there is no term {name!r} in the ontology")
    return iri


def _invalid(error: ValidationError) -> Response:
    wrong = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors(include_url=False)]
    return problem("bad-request", "; ".join(wrong))
