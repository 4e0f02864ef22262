"""The frames between web processes and workers."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import errors
from kg.engine.wire import Frames, error_frame, frame, read_error
from kg.errors import QueryError, QuerySyntaxError


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
            while (arrived := receive(frames)) is not None:
                found.append(arrived)
        assert found == sent


def receive(frames: Frames) -> tuple[bytes, bytes] | None:
    try:
        return frames.receive()
    except BlockingIOError:
        return None


@pytest.mark.parametrize("left", range(len(frame(b"C", b"four"))))
def test_an_incomplete_frame_is_none(left: int) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(frame(b"C", b"four")[:left])
        here.close()
        assert Frames(there).receive() is None


ERRORS = [row for row in vars(errors).values() if isinstance(row, type) and issubclass(row, QueryError)]


@pytest.mark.parametrize("class_", ERRORS)
def test_every_query_error_survives_the_wire(class_: type[QueryError]) -> None:
    error = class_("expected SELECT", 2, 7) if class_ is QuerySyntaxError else class_("too large")
    payload = error_frame(error)[len(frame(b"X")) :]
    received = read_error(payload)
    assert (type(received), str(received), received.members) == (class_, str(error), error.members)
