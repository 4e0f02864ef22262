"""The sandbox of a worker: each action is tried in a process of its own, with and without the sandbox."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SANDBOX = "from kg.engine.sandbox import *; missing = drop_privileges(64 * 2**20)"
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the network filter and memory limit are Linux's")


def run(code: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    program = f"import os, resource, socket, time; {before}\n{code}"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30)


@linux_only
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("socket.socket(socket.AF_INET)", "PermissionError"),
        ("socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)", "PermissionError"),
        ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("bytearray(256 * 2**20)", "MemoryError"),
    ],
)
def test_a_worker_is_denied(code: str, error: str) -> None:
    assert run(code).returncode == 0, "without the sandbox the action succeeds"
    denied = run(code, SANDBOX)
    assert denied.returncode == 1
    assert error in denied.stderr


def test_a_worker_may_use_unix_sockets() -> None:
    assert run("socket.socketpair(socket.AF_UNIX)", SANDBOX).returncode == 0


@linux_only
def test_linux_enforces_everything() -> None:
    code = "assert missing == (); assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)"
    done = run(code, SANDBOX)
    assert done.returncode == 0, done.stderr


def test_the_timer_kills_a_process() -> None:
    assert run("set_timer(0.2)\nwhile True: pass", SANDBOX).returncode == -signal.SIGALRM
    assert run("set_timer(0.2); clear_timer(); time.sleep(0.5)", SANDBOX).returncode == 0


@linux_only
def test_a_worker_dies_with_its_parent(tmp_path: Path) -> None:
    note = tmp_path / "child"
    code = f"""
child = os.fork()
if child == 0:
    from kg.engine.sandbox import drop_privileges
    drop_privileges(2**26)
    open({str(note)!r}, "w").write(str(os.getpid()))
    time.sleep(30)
while not os.path.exists({str(note)!r}) or not open({str(note)!r}).read():
    time.sleep(0.01)
os._exit(0)
"""
    # The output pipes stay open as long as the child lives: `run` returns only because it ended.
    assert run(code).returncode == 0
