"""Forms: what is read from them, and at which cost."""

from urllib.parse import unquote_to_bytes

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from api.http.forms import FORM, MAX_FIELDS, decode_percent, read_form

PIECES = [
    b"%",
    b"%%",
    b"%4",
    b"%41",
    b"%3D",
    b"%3d",
    b"%0A",
    b"%zz",
    b"=",
    b"==",
    b"=41",
    b"=\n",
    b"\r\n",
    b" ",
    b"a",
    b"_",
]


@given(st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join)))
@example(b"%" * 1000)
def test_percent_encoding_is_decoded_as_the_library_does(text: bytes) -> None:
    assert decode_percent(text) == unquote_to_bytes(text)


def test_a_form_has_so_many_fields_and_no_more() -> None:
    assert len(read_form(b"&".join([b"a=1"] * MAX_FIELDS))) == MAX_FIELDS
    with pytest.raises(BadRequest, match="more than 4,096 fields"):
        read_form(b"&" * MAX_FIELDS)


@pytest.mark.parametrize(
    "body", [b"&" * 10**6, b"query=" + b"%" * 10**6, b"query=%FF", b"query=ASK&query=ASK", b"query=" + b"%28" * 10**5]
)
def test_whatever_a_form_holds_the_answer_is_a_problem(body: bytes, client: FlaskClient) -> None:
    assert client.post("/sparql", data=body, content_type=FORM).status_code == 400
