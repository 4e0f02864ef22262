"""The frames between web processes and workers."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.wire import Frames, frame


@given(st.lists(st.tuples(st.sampled_from([b"A", b"C", b"E"]), st.binary(max_size=50))), st.data())
def test_frames_arrive_however_the_stream_is_cut(sent: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    stream = b"".join(frame(kind, payload) for kind, payload in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(0)
        frames, found = Frames(there), []
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            here.sendall(stream[start:end])
            while (arrived := arriving(frames)) is not None:
                found.append(arrived)
        assert found == sent


def arriving(frames: Frames) -> tuple[bytes, bytes] | None:
    try:
        return frames.receive()
    except BlockingIOError:
        return None


@pytest.mark.parametrize("left", range(len(frame(b"C", b"four"))))
def test_a_frame_that_breaks_off_is_none(left: int) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(frame(b"C", b"four")[:left])
        here.close()
        assert Frames(there).receive() is None
