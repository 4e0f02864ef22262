"""The suites are asked whole: what is left out has a reason, and every reason is needed."""

import pytest

from w3c.manifest import read_entries
from w3c.services import SUITES
from w3c.suites import DEVIATIONS, FURTHER_PARTS, LEFT_OUT, PARTS, entries, is_left_out, part_of

pytestmark = pytest.mark.skipif(SUITES is None, reason="KG_W3C is not set: the W3C test suites are not run")


def test_every_test_is_asked_or_left_out_for_a_reason() -> None:
    assert SUITES is not None
    everything = [entry for entry in read_entries(SUITES) if not is_left_out(entry)]
    assert {part_of(entry) for entry in everything} == {*PARTS.values(), *FURTHER_PARTS.values()}
    assert len({entry.id for entry in everything}) == len(everything)


def test_no_reason_is_left_over() -> None:
    assert SUITES is not None
    ids = [entry.id for entry in read_entries(SUITES)]
    assert [start for start in LEFT_OUT if not any(id_.startswith(start) for id_ in ids)] == []
    known = {entry.id for part in PARTS.values() for entry in entries(part)}
    assert DEVIATIONS.keys() <= known
