"""The tools for assistants, asked by the official client: over HTTP, and on standard input and output."""

import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
import requests
from flask.testing import FlaskClient
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from api.mcp.server import make_server
from api.mcp.tools import TOOLS
from kg.read.questions import questions

#: Bytes of text, and of the structured answer, that a tool gives at most for what it is asked by default.
_TEXT, _STRUCTURED = 40_000, 80_000
_FINDING = re.compile(r"https://w3id\.org/calcikg/id/finding/[a-z0-9-]+")

Ask = Callable[[Client], Coroutine[Any, Any, Any]]


def alone(conversation: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a conversation in a thread of its own: in this one a browser may have an event loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(anyio.run, conversation).result()


@pytest.fixture(scope="module")
def ask(whole_client: FlaskClient) -> Callable[[Ask], Any]:
    """What runs a conversation with a server over the whole dataset, in this process."""
    server = make_server(whole_client.application)

    def run(conversation: Ask) -> Any:
        async def talk() -> Any:
            async with Client(server) as client:
                return await conversation(client)

        return alone(talk)

    return run


async def told(client: Client, tool: str, **arguments: Any) -> tuple[str, Any]:
    """Return the text and the structured answer of a tool."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return answer.content[0].text, answer.structured_content  # type: ignore[union-attr]


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Return what a tool says to arguments that it refuses."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error and len(answer.content) == 1
    return answer.content[0].text  # type: ignore[union-attr]


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("find", {"text": "sts"}),
    ("tell_evidence", {"entity": "treatment/surgery"}),
    ("tell_evidence", {"entity": "disease/calcinosis", "limit": 50}),
    ("tell_evidence", {"entity": "MONDO:0005100", "start": 40}),
    ("list_findings", {"filters": {"treatment": "treatment/surgery", "outcome": ["outcome/pain"], "max_level": 4}}),
    ("compare_treatments", {"treatments": ["treatment/surgery", "treatment/colchicine", "treatment/minocycline"]}),
    ("list_pooled", {}),
    ("list_disagreements", {"about": "treatment/surgery"}),
    ("list_gaps", {"treatment": "treatment/colchicine", "by": "outcome"}),
    ("cite", {"name": "finding/fonseca2019-10"}),
    ("find_questions", {}),
    ("ask_question", {"slug": "infection-after-calcinosis-surgery"}),
    ("run_sparql", {"query": "SELECT * { ?s a <https://w3id.org/calcikg/ontology/Finding> } LIMIT 5"}),
]


def test_every_tool_answers_in_its_shape_and_within_bounds(ask: Callable[[Ask], Any]) -> None:
    async def talk(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {tool.__name__ for tool in TOOLS} == {name for name, _ in ASKED}
        for tool in tools.values():
            assert tool.description and tool.annotations and tool.annotations.read_only_hint
        for name, arguments in ASKED:
            text, structured = await told(client, name, **arguments)
            jsonschema.validate(structured, tools[name].output_schema)
            assert 0 < len(text) < _TEXT and len(str(structured)) < _STRUCTURED, (name, len(text))

    ask(talk)


def test_figures_come_with_their_finding_and_its_source(ask: Callable[[Ask], Any], whole_client: FlaskClient) -> None:
    async def talk(client: Client) -> list[str]:
        texts = []
        for name, arguments in ASKED:
            if name not in ("find", "list_gaps", "find_questions", "run_sparql"):
                text, structured = await told(client, name, **arguments)
                texts.append(text)
                for found in findings(structured):
                    assert found["iri"] in text and found["source"]["iri"] in text
        return texts

    named = {iri for text in ask(talk) for iri in _FINDING.findall(text)}
    assert len(named) > 50
    for iri in sorted(named)[::7]:
        whole = whole_client.get(f"/api/v1/findings/{iri.rpartition('/')[2]}").json
        assert whole["iri"] == iri


def findings(structured: Any) -> list[Any]:
    """Return the findings anywhere in a structured answer."""
    if isinstance(structured, list):
        return [one for part in structured for one in findings(part)]
    if not isinstance(structured, dict):
        return []
    own = [structured] if "statement" in structured else []
    return own + [one for part in structured.values() for one in findings(part)]


def test_a_tool_says_what_the_api_says(ask: Callable[[Ask], Any], whole_client: FlaskClient) -> None:
    async def talk(client: Client) -> tuple[Any, Any, Any]:
        _, found = await told(client, "list_findings", filters={"treatment": "treatment/surgery"}, limit=50)
        _, rows = await told(client, "tell_evidence", entity="treatment/sodium-thiosulfate")
        return (
            found,
            rows,
            await told(client, "list_findings", filters={"treatment": "treatment/rituximab", "site": "site/fingertip"}),
        )

    found, rows, (text, none) = ask(talk)
    given = whole_client.get("/api/v1/findings?treatment=treatment/surgery&limit=50").json
    assert found["total"] == given["total"]
    assert [one["id"] for one in found["findings"]] == [one["id"] for one in given["items"]]
    summary = whole_client.get("/api/v1/summary?treatment=treatment/sodium-thiosulfate&limit=500").json
    assert rows["row_count"] == summary["total"]
    assert [one["sentence"] for one in rows["rows"]] == [
        one["sentence"] for one in summary["items"][: len(rows["rows"])]
    ]
    assert none["total"] == 0 and none["nearest"]
    assert "others may have studied it" in text


def test_all_questions_are_answered(ask: Callable[[Ask], Any]) -> None:
    async def talk(client: Client) -> None:
        for slug, question in questions().items():
            text, answer = await told(client, "ask_question", slug=slug, limit=5)
            assert question.words in text
            assert answer["total"] == len(question.expected) and answer["columns"] == list(question.columns)

    ask(talk)


def test_other_entities_take_the_place_of_parameters(ask: Callable[[Ask], Any]) -> None:
    async def talk(client: Client) -> None:
        slug = "infection-after-calcinosis-surgery"
        _, answer = await told(client, "ask_question", slug=slug, parameters={"asked": "complication/any-complication"})
        assert "complication/any-complication" in answer["sparql"] and "postoperative-infection" not in answer["sparql"]
        said = await refused(client, "ask_question", slug=slug, parameters={"nothing": "outcome/pain"})
        assert "no parameter 'nothing'" in said

    ask(talk)


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("tell_evidence", {"entity": "treatment/nothing"}, "there is no entity"),
        ("tell_evidence", {"entity": "> } DROP ALL #"}, "there is no entity"),
        ("tell_evidence", {"entity": "treatment/surgery", "limit": 10**9}, "less than or equal to 50"),
        ("list_findings", {"filters": {"treatmnt": "treatment/surgery"}}, "there is no filter"),
        ("list_findings", {"filters": {"max_level": "9"}}, "from 1 to 5"),
        ("list_gaps", {"by": "nothing"}, "there is no kind of aspect"),
        ("compare_treatments", {"treatments": ["treatment/surgery"]}, "at least 2"),
        ("cite", {"name": "finding/nothing"}, "there is no finding or source"),
        ("ask_question", {"slug": "../../etc/passwd"}, "there is no question"),
        ("run_sparql", {"query": "DELETE WHERE { ?s ?p ?o }"}, "a query needs SELECT"),
        ("run_sparql", {"query": "SELECT * { ?s ?p }"}, "line 1"),
        ("run_sparql", {"query": "SELECT * { ?s ?p ?o }"}, "larger than 1 MiB"),
        ("run_sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"}, "SERVICE"),
        ("find", {"text": "x" * 10_000}, "at most 200"),
        ("find", {}, "required"),
        ("nothing", {}, "Unknown tool"),
    ],
)
def test_hostile_arguments_are_refused_in_a_sentence(
    tool: str, arguments: dict[str, Any], says: str, ask: Callable[[Ask], Any]
) -> None:
    async def talk(client: Client) -> str:
        try:
            return await refused(client, tool, **arguments)
        except MCPError as error:
            return str(error)

    said = ask(talk)
    assert says in said and "Traceback" not in said and len(said) < 2_000


def test_resources_and_prompts(ask: Callable[[Ask], Any], whole_client: FlaskClient) -> None:
    async def talk(client: Client) -> None:
        texts = {}
        for resource in (await client.list_resources()).resources:
            texts[str(resource.uri)] = (await client.read_resource(resource.uri)).contents[0].text  # type: ignore[union-attr]
        assert "ckg:evidenceLevel" in texts["calcikg://ontology"]
        assert all(slug in texts["calcikg://questions"] for slug in questions())
        assert whole_client.get("/api/v1/stats").json["version"] in texts["calcikg://data"]
        prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
        assert prompts == ["clinician", "reviewer", "integrator"]
        for name in prompts:
            prompt = await client.get_prompt(name, {"topic": "fingertip calcinosis"})
            assert "fingertip calcinosis" in prompt.messages[0].content.text  # type: ignore[union-attr]

    ask(talk)


@asynccontextmanager
async def on_standard_input(data: Path) -> AsyncIterator[Client]:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "kg.cli", "mcp", "--data", str(data)], env=dict(os.environ)
    )
    async with Client(stdio_client(command)) as client:
        yield client


def test_on_standard_input_and_output(whole_client: FlaskClient) -> None:
    data = whole_client.application.extensions["settings"].data

    async def talk() -> None:
        async with on_standard_input(data) as client:
            text, _ = await told(client, "tell_evidence", entity="treatment/colchicine")
            assert "colchicine" in text
            endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
            assert "longer than" in await refused(client, "run_sparql", query=endless)
            text, _ = await told(client, "run_sparql", query="ASK { ?s ?p ?o }")
            assert text == "yes"

    os.environ["KG_QUERY_TIMEOUT"] = "2"
    try:
        alone(talk)
    finally:
        del os.environ["KG_QUERY_TIMEOUT"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(mode: Any, server: str) -> None:
    async def talk() -> None:
        async with Client(f"{server}/mcp", mode=mode) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {tool.__name__ for tool in TOOLS}
            text, _ = await told(client, "tell_evidence", entity="treatment/surgery")
            assert "surgery" in text
            assert "a query needs SELECT" in await refused(client, "run_sparql", query="DELETE WHERE { ?s ?p ?o }")

    alone(talk)


def test_several_assistants_at_once_get_their_own_answers(server: str) -> None:
    async def talk(number: int) -> None:
        async with Client(f"{server}/mcp") as client:
            for turn in range(5):
                query = f"SELECT ({number} * 100 + {turn} AS ?n) {{}}"
                _, table = await told(client, "run_sparql", query=query)
                assert table["rows"] == [[str(number * 100 + turn)]]

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(talk, number)

    alone(all_at_once)


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("GET", b"", 405),
        ("DELETE", b"", 405),
        ("POST", b"no JSON", 400),
        ("POST", b"[]", 400),
        ("POST", b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}', 200),
        ("POST", b"[" * 100_000, 400),
        ("POST", b"x" * 5_000_000, 413),
    ],
)
def test_what_is_no_message_is_refused(method: str, body: bytes, status: int, server: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    answer = requests.request(method, f"{server}/mcp", data=body, headers=headers, timeout=20)
    assert answer.status_code == status and "Traceback" not in answer.text
    assert requests.get(f"{server}/healthz", timeout=5).status_code == 200
