"""Text as formats need it: JSON, XML, one line, a ZIP of files."""

import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator

# What no XML 1.0 document may contain, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What ends a value of an attribute, or would be read as a space there.
_REFERENCES = str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can store; the same files give the same bytes
_CHUNK = 2**16  # bytes


def to_json(value: object) -> bytes:
    """Write a value as JSON, in one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def to_json_items(values: Iterable[object]) -> Iterator[bytes]:
    """Write the items of a JSON array, one a line, without the brackets."""
    for number, value in enumerate(values):
        yield (b",\n" if number else b"") + to_json(value)


def is_xml(text: str) -> bool:
    """Tell whether XML can contain a text."""
    return _NOT_XML.search(text) is None


def replace_control(text: str) -> str:
    r"""Replace the characters that XML cannot contain by U+FFFD.

    >>> replace_control("bell \x07")
    'bell \ufffd'
    """
    return _NOT_XML.sub("\ufffd", text)


def to_element(text: str) -> str:
    r"""Write a text as the content of an XML element.

    >>> to_element("5 < 6 & \x07")
    '5 &lt; 6 &amp; \ufffd'
    """
    return html.escape(replace_control(text), quote=False)


def to_attribute(text: str) -> str:
    r"""Write a text as the value of an XML attribute, in quotes; line ends survive as references.

    >>> to_attribute('a "b"\n')
    '"a &quot;b&quot;&#10;"'
    """
    return f'"{to_element(text).translate(_REFERENCES)}"'


def to_line(text: str) -> str:
    r"""Write a text on one line, with single spaces.

    >>> to_line(" two\n lines")
    'two lines'
    """
    return " ".join(text.split())


def to_plain(value: object) -> str:
    """Write a value for a format that has only text: lists joined by ``; ``.

    >>> to_plain(True), to_plain(["a", "b"]), to_plain(1.5)
    ('true', 'a; b', '1.5')
    """
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return "; ".join(value)
        case _:
            return str(value)


def to_zip(files: Iterable[tuple[str, Iterable[str]]]) -> Iterator[bytes]:
    """Yield a ZIP of text files, each given by its name and its text in pieces; little is in memory at once."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with packed.open(entry, "w") as file:
                for piece in pieces:
                    file.write(piece.encode())
                    if len(out.buffer) > _CHUNK:
                        yield out.take()
    yield out.take()


class _Pipe:
    """A file that a ZIP is written to and read from as it grows; no size has to be known beforehand."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def write(self, data: bytes) -> int:
        self.buffer += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: the reader takes what is there."""

    def close(self) -> None:
        """Do nothing."""

    def take(self) -> bytes:
        taken = bytes(self.buffer)
        self.buffer.clear()
        return taken
