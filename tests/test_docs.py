"""The documentation cannot go stale: what it lists is compared with the code, what it shows is run."""

import csv
import io
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT
from flask.testing import FlaskClient

from api.app import create_app
from api.http import admission, complexity
from api.http.limits import MAX_HEADERS, limits
from api.http.problems import KINDS
from api.rest.lists import ListParameters
from kg.build.dataset import Inputs
from kg.cli import COMMANDS
from kg.engine import FORMATS, Engine, Query
from kg.read.filters import FINDING_FILTERS
from kg.settings import SETTINGS, Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
RECORDS = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")


def rows(text: str, header: str) -> list[list[str]]:
    """Return the rows of the Markdown table that follows a header line."""
    table = text[text.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]


def test_the_first_question_has_the_answer_shown(whole_engine: Engine) -> None:
    query = re.search(r"```sparql\n(.*?)```", README, re.DOTALL)
    assert query
    answer = whole_engine.answer(Query(query[1]), (FORMATS["tsv"],)).read().decode()
    shown = rows(README, "| treatment | reported |")
    assert [line.replace('"', "").split("\t") for line in answer.splitlines()[1:]] == shown


def test_commands_are_documented() -> None:
    assert {row[0].split()[1] for row in rows(README, "| command |")} == COMMANDS.keys()


def test_settings_are_documented() -> None:
    assert rows(README, "| variable |") == [[row.name, row.default, row.meaning] for row in SETTINGS]


def test_every_limit_names_a_kind_of_problem_and_a_setting_that_exist() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    limits = rows(text, "| limit |")
    kinds = {name for _, _, answer in limits for name in re.findall(r"(?<=[0-9] )`([a-z-]+)`", answer + "`")}
    assert kinds <= KINDS.keys()
    assert {"query-timeout", "query-memory", "answer-too-large", "refused", "busy", "too-many-queries"} <= kinds
    assert set(re.findall(r"KG_\w+", text)) <= {setting.name for setting in SETTINGS}


def test_the_limits_documented_are_those_that_the_service_shows() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    documented = {
        (setting, kind)
        for _, settings, answer in rows(text, "| limit |")
        for setting in re.findall(r"KG_\w+", settings)
        for kind in re.findall(r"[0-9] `([a-z-]+)", answer) or [""]
    }
    shown = {(row.setting, kind) for row in limits(Settings.read({})) for kind in row.problems or [""] if row.setting}
    # What another endpoint may take is told by the detail, not by the settings.
    assert documented - {("KG_SERVICE_ALLOW", "refused"), ("KG_QUERY_TIMEOUT", "service")} == shown
    assert rows(text, "| at most |") == [[f"{limit.most:,}", limit.meaning] for limit in complexity.LIMITS]
    for number in (admission.QUEUE, admission.QUEUE_SHARE, MAX_HEADERS // 1024):
        assert re.search(rf"\b{number}\b", text)
    assert {kind for row in limits(Settings.read({})) for kind in row.problems} <= KINDS.keys()


def test_every_route_is_documented() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    rules = {str(rule).split("<")[0].rstrip("/") or "/" for rule in create_app().url_map.iter_rules()}
    described = {rule for rule in rules if rule.startswith("/api/v1")}  # by a description of its own
    assert {rule for rule in rules - described if f"`{rule}" not in text} == {"/static"}


def test_every_route_of_the_rest_api_is_documented_with_its_parameters(client: FlaskClient) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    documented = {route: parameters.replace("`", "").split() for route, parameters, _ in rows(text, "| route |")}
    rules = {
        re.sub(r"<(\w+)>", lambda part: part[1].upper(), str(rule).removeprefix("/api/v1"))
        for rule in client.application.url_map.iter_rules()
        if str(rule).startswith("/api/v1") and not str(rule).endswith(("<path:filename>", "/oauth2-redirect.html"))
    }
    assert documented.keys() == rules
    described = client.get("/api/v1/openapi.json").json["paths"]
    for path, operations in described.items():
        names = [given["name"] for given in operations["get"]["parameters"] if given["in"] == "query"]
        paged = {"format", "limit", "cursor"} if "cursor" in names else {"format"}
        if path.endswith("/findings"):  # the keys of the schema are documented together
            paged |= set(names) - {one.name for one in FINDING_FILTERS}
        route = re.sub(r"{(\w+)}", lambda part: part[1].upper(), path.removeprefix("/api/v1"))
        if route != "/questions/SLUG":  # whose parameters are those of each question
            assert sorted(documented[route]) == sorted(name for name in names if name not in paged), route


def test_the_page_on_the_rest_api_tells_its_limits() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    limit = ListParameters.model_json_schema()["properties"]["limit"]
    assert f"`limit` is {limit['default']}, and {limit['maximum']} at most" in text


def test_the_curl_example_gives_a_table(server: str) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed: the example of the README is not run")
    example = re.search(r"```sh\n(curl .*?)```", README, re.DOTALL)
    assert example
    command = example[1].replace("http://127.0.0.1:8080", server)
    table = subprocess.run(["sh", "-c", command], capture_output=True, check=True, timeout=60, text=True).stdout
    found = [row["reported"] for row in csv.DictReader(io.StringIO(table)) if "infection" in row["object.id"]]
    assert found == ["2-5% incidence"]


def test_the_python_example_gives_figures(server: str) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    code = example[1].replace("http://127.0.0.1:8080", server)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "client", capture_output=True, check=True, timeout=60, text=True)
    assert "finding/debulking-2021-30" in done.stdout


def test_every_folder_is_in_the_map() -> None:
    folders = {row[0].rstrip("/") for row in rows(README, "| folder |")}
    tracked = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}
    assert folders - tracked == set()
    assert tracked - folders <= {"build", "calcikg.egg-info", "dist", "node_modules"}


def test_every_key_of_a_record_is_documented() -> None:
    keys = {*Inputs().context.types} - {"id", "type", "source"}
    assert {key for key in keys if not re.search(rf"`{key}`|\b{key} =|`[^`]*\b{key}\b[^`]*`", RECORDS)} == set()


def test_every_term_of_the_vocabularies_is_documented() -> None:
    text = (Inputs().ontology / "calcikg.ttl").read_text(encoding="utf-8")
    kinds = (
        "Direction|Certainty|Standing|Verdict|Frequency|Timepoint|Route|Performer|IntervalKind|Qualifier|Measure|Statistic"
        "|Laterality|StudyDesign"
        "|DisagreementReason|ApparentReason|\\w+Status"
    )
    terms = re.findall(rf"^ckg:(\S+) a ckg:(?:{kinds}) ", text, re.MULTILINE)
    assert len(terms) > 40
    assert [term for term in terms if f"`{term}`" not in RECORDS] == []


def test_every_predicate_is_documented_with_the_kinds_that_state_it() -> None:
    text = (Inputs().ontology / "calcikg.ttl").read_text(encoding="utf-8")
    terms = (term for term in text.split("\n\n") if "\n    ckg:statedBy " in term)
    stated = {term[4:].split()[0]: set(re.findall(r"ckg:(\w+)", term.split("ckg:statedBy ")[1])) for term in terms}
    assert len(stated) > 20
    assert {
        row[0]: set(re.findall(r"\w+Finding|CaseEvent", row[2])) for row in rows(RECORDS, "| predicate |")
    } == stated
