"""Several files as one ZIP, written as it goes and with the same bytes every time."""

import zipfile
from collections.abc import Iterable, Iterator

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can tell: no file of a snapshot has one of its own
_CHUNK = 2**16  # bytes


def archive(files: Iterable[tuple[str, Iterable[str]]]) -> Iterator[bytes]:
    """Yield a ZIP of text files, each given by its name and its pieces; only a piece is held at once."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with packed.open(entry, "w") as file:
                for piece in pieces:
                    file.write(piece.encode())
                    if len(out.waiting) > _CHUNK:
                        yield out.take()
    yield out.take()


class _Pipe:
    """What a ZIP is written to; it cannot be sought in, so that no size has to be known beforehand."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written waits to be taken."""

    def close(self) -> None:
        """Do nothing, either."""

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken
