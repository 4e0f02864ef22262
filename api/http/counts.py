"""Counts that the web processes write into files and `/metrics` adds up (multiprocess mode of prometheus_client)."""

import os
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from api.runtime import allocate

#: Bytes for the counts of one process and kind: twice what every route with every status would take.
SIZE = 2**19

_place = "parent"


class _Counts(MmapedDict):
    """Counts in a file that is allocated before it is mapped."""

    def __init__(self, filename: str) -> None:
        descriptor = allocate(Path(filename), SIZE)
        try:
            super().__init__(f"/dev/fd/{descriptor}")  # type: ignore[no-untyped-call]
        finally:
            os.close(descriptor)


def share() -> None:
    """Count in files from now on, for which the environment names a folder; counters made before do not."""
    values.MmapedDict = _Counts  # type: ignore[attr-defined, assignment]
    values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]


def take_place(number: int) -> None:
    """Go on where the process counted that had this place: there are as many files as places, whatever ends."""
    global _place
    _place = str(number)
