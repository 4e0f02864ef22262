"""Work beside a block: both run, its error is told whole, and it never outlives the process that asked for it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.errors import RecordsError, Violation
from kg.parallel import beside

VIOLATIONS = [Violation("sources/a.toml", 3, "finding/a-01", "no value", "Give one"), Violation("b", 0, "", "x", "y")]


def test_both_run(tmp_path: Path) -> None:
    """The work and the block wait for each other, which neither could do alone."""
    there, here = tmp_path / "there", tmp_path / "here"
    os.mkfifo(there)
    os.mkfifo(here)

    def work() -> None:
        assert here.read_text() == "from the block"
        there.write_text("from the work")

    with beside(work):
        here.write_text("from the block")
        assert there.read_text() == "from the work"


def test_error_of_the_work() -> None:
    """It is the same error, with all that it carries, also when the block fails because of what the work finds."""

    def work() -> None:
        raise RecordsError(VIOLATIONS)

    with pytest.raises(RecordsError) as first, beside(work):
        pass
    with pytest.raises(RecordsError) as second, beside(work):
        {}["what the records lack"]
    assert first.value.violations == second.value.violations == tuple(sorted(VIOLATIONS))
    assert str(first.value) == str(RecordsError(VIOLATIONS))


def test_full_disk_in_the_work() -> None:
    """An error of the system keeps its number and its file."""

    def work() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    with pytest.raises(OSError, match="No space left") as caught, beside(work):
        pass
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "somewhere")


def test_error_of_the_block_alone() -> None:
    """The work ends as it would, and the block's error is raised."""
    with pytest.raises(KeyError), beside(lambda: None):
        {}["a"]


def test_killed_work() -> None:
    """Work that was killed is not taken for done."""
    with pytest.raises(ChildProcessError, match="-9"), beside(lambda: os.kill(os.getpid(), signal.SIGKILL)):
        pass


def test_interrupt() -> None:
    """An interrupt of the block does not wait for the work."""
    with pytest.raises(KeyboardInterrupt), beside(lambda: time.sleep(3600)):
        raise KeyboardInterrupt


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_killed_process(tmp_path: Path) -> None:
    """Work whose process is killed is killed, too: nobody reads the pipe that it holds open."""
    script = """if True:
        import time
        from kg.parallel import beside
        with beside(lambda: time.sleep(3600)):
            print("begun", flush=True)
            time.sleep(3600)
    """
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        process.kill()
        assert process.stdout.read() == ""  # ends when the last of both has ended
