"""The rules of ``docs/w3id/.htaccess``, as a real Apache understands them."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

APACHE = shutil.which("apache2") or shutil.which("httpd") or ""
MODULES = Path("/usr/lib/apache2/modules")
HOST = "https://calcikg.example.org"
CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule rewrite_module {modules}/mod_rewrite.so
DocumentRoot {folder}/root
<Directory {folder}/root>
  AllowOverride All
  Require all granted
</Directory>
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not APACHE or not (MODULES / "mod_rewrite.so").is_file():
        pytest.skip("Apache with mod_rewrite is not installed: the redirects of w3id.org are not tried")
    folder = tmp_path_factory.mktemp("apache")
    folder.chmod(0o755)
    root = folder / "root" / "calcikg"
    root.mkdir(parents=True)
    shutil.copyfile(ROOT / "docs" / "w3id" / ".htaccess", root / ".htaccess")
    for above in (root, *root.parents):  # Apache gives up its rights, and then reads what anybody may read
        if above.is_relative_to(folder.parent.parent):
            above.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    path = folder / "apache.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=number, modules=MODULES), encoding="utf-8")
    process = subprocess.Popen([APACHE, "-f", str(path), "-D", "FOREGROUND"], start_new_session=True)
    try:
        for _ in range(100):
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.1)
        yield number
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def location(port: int, path: str) -> tuple[int, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("Location")


@pytest.mark.parametrize(
    "path",
    [
        "id/treatment/colchicine",
        "id/finding/debulking-2021-30",
        "page/site/hand",
        "page",
        "data/site/hand.ttl",
        "data/site/hand",
        "ontology",
        "ontology/",
        "ontology/treats",
        "ontology.ttl",
        "ontology/context.jsonld",
        "context.jsonld",
        "graph/source/zanatta-2020",
        "graph/external/uberon",
        "function/pool",
        "snapshot/0123456789ab",
        "version/0.1.0",
        "download/dataset.nq",
        "linkset",
        "np/RAabc",
        "releases",
        "export/nanopub",
        "questions/case-steroids",
        "sparql",
        "sparql?query=ASK%20%7B%7D",
        "graph-store?default",
        "api/v1/openapi.json",
        "problems/not-found",
        ".well-known/void",
    ],
)
def test_an_iri_leads_to_the_same_path_of_the_service(path: str, port: int) -> None:
    assert location(port, f"/calcikg/{path}") == (303, f"{HOST}/{path}")


def test_the_dataset_leads_to_the_start_page(port: int) -> None:
    assert location(port, "/calcikg/") == (302, f"{HOST}/")


@pytest.mark.parametrize("path", ["nothing", "idle/x", "ontologies", "sparqling", "id.ttl"])
def test_what_is_no_address_of_ours_leads_nowhere(path: str, port: int) -> None:
    assert location(port, f"/calcikg/{path}") == (404, None)
