"""What a worker gives up is really gone: each thing is tried in a process of its own, with and without the sandbox."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

CONFINED = "from kg.engine.sandbox import *; missing = drop_privileges(64 * 2**20)"
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
def test_a_confined_process_may_not(code: str, error: str) -> None:
    assert run(code).returncode == 0, "it can be done without the sandbox, or the test shows nothing"
    confined = run(code, CONFINED)
    assert confined.returncode == 1
    assert error in confined.stderr


def test_a_confined_process_may_still_speak_to_its_web_process() -> None:
    assert run("socket.socketpair(socket.AF_UNIX)", CONFINED).returncode == 0


@linux_only
def test_nothing_is_missing_and_no_core_is_dumped() -> None:
    code = "assert missing == (); assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)"
    done = run(code, CONFINED)
    assert done.returncode == 0, done.stderr


def test_the_kernel_ends_a_process_whose_time_is_up() -> None:
    assert run("set_timer(0.2)\nwhile True: pass", CONFINED).returncode == -signal.SIGALRM
    assert run("set_timer(0.2); clear_timer(); time.sleep(0.5)", CONFINED).returncode == 0


@linux_only
def test_a_confined_process_ends_with_its_parent(tmp_path: Path) -> None:
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
