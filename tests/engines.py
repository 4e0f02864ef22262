"""Real engines for tests and benchmarks: how each is started on loopback with an empty store, and ended."""

import os
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

_START = 60.0  # seconds that an engine may take to answer for the first time
#: How Virtuoso is set up: it answers whole, however long the answer is.
VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{isql}
ServerThreads = 100
NumberOfBuffers = 40000
MaxDirtyBuffers = 30000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 80
MaxKeepAlives = 80
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 10000000
"""
#: Who may write: the account that Virtuoso comes with.
CREDENTIALS = {"KG_ENGINE_USER": "dba", "KG_ENGINE_PASSWORD": "dba"}


def find(program: str) -> str | None:
    """Return the path of an engine: of this environment, or of the system."""
    return shutil.which(program, path=f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")


@contextmanager
def oxigraph(folder: Path, port: int) -> Iterator[str]:
    """Run the Oxigraph server; yield its address for queries."""
    command = [str(find("oxigraph")), "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with _running(command, f"http://127.0.0.1:{port}/query") as address:
        yield address


@contextmanager
def virtuoso(folder: Path, port: int) -> Iterator[str]:
    """Run Virtuoso, with its own port for SQL beside the other; yield its address for queries."""
    settings = folder / "virtuoso.ini"
    with socket.socket() as probe:  # the port after its own may be taken
        probe.bind(("127.0.0.1", 0))
        isql = probe.getsockname()[1]
    settings.write_text(VIRTUOSO.format(folder=folder, port=port, isql=isql), encoding="utf-8")
    command = [str(find("virtuoso-t")), "-f", "-c", str(settings)]
    with _running(command, f"http://127.0.0.1:{port}/sparql") as address:
        yield address


#: Each engine by the program that it needs.
ENGINES = {"oxigraph": oxigraph, "virtuoso-t": virtuoso}


@contextmanager
def _running(command: list[str], address: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + _START
    try:
        while True:
            try:
                with urlopen(f"{address}?query=ASK%7B%7D", timeout=5):
                    break
            except (URLError, OSError):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        process.kill()  # what it holds is thrown away
        process.wait(30)
