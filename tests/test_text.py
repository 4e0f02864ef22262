"""Text from elsewhere on a terminal."""

import io
import sys

import pytest

from kg.cli.options import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_any_name_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress("1 of 1: [/b]\x07.ttl") as show:
        show("1 of 1: [bold]\x07.ttl: 1 MiB")
    shown = sys.stderr.getvalue()
    assert r"[/b]\x07.ttl" in shown or r"[bold]\x07.ttl" in shown
    assert "\x07" not in shown
