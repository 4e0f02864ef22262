"""Text that formats made of text share: JSON in pieces, and what XML may hold."""

import json
import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

# What no XML 1.0 document may hold, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"\s+")


def to_json(value: object) -> bytes:
    """Write a value as JSON, in one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def to_json_members(values: Iterable[object]) -> Iterator[bytes]:
    """Write the members of a JSON array, one a line, without its brackets."""
    for number, value in enumerate(values):
        yield (b",\n" if number else b"") + to_json(value)


def is_xml(text: str) -> bool:
    """Tell whether XML can hold a text."""
    return _NO_XML.search(text) is None


def without_control(text: str) -> str:
    r"""Put U+FFFD in the place of characters that XML cannot hold.

    >>> without_control("bell \x07")
    'bell \ufffd'
    """
    return _NO_XML.sub("\ufffd", text)


def to_element(value: object) -> str:
    r"""Write a value as the content of an XML element; characters that XML cannot hold become U+FFFD.

    >>> to_element("5 < 6 & \x07"), to_element(True)
    ('5 &lt; 6 &amp; \ufffd', 'true')
    """
    return escape(without_control(_plain(value)))


def to_attribute(value: object) -> str:
    r"""Write a value as the value of an XML attribute, in quotes; line ends are kept by reference.

    >>> to_attribute('a "b"\n')
    '\'a "b"&#10;\''
    """
    return quoteattr(without_control(_plain(value)), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def to_line(text: str) -> str:
    r"""Write a text on one line, with single spaces.

    >>> to_line(" two\n lines")
    'two lines'
    """
    return _SPACES.sub(" ", text).strip()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
