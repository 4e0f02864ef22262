"""References for reference managers and word processors: CSL-JSON, and RIS and BibTeX made from it."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from kg.export.csl import read_items
from kg.export.extract import Extract
from kg.read.labels import Json

#: The type of a work in RIS and in BibTeX.
_RIS_TYPES = {
    "article-journal": "JOUR",
    "chapter": "CHAP",
    "document": "GEN",
    "paper-conference": "CONF",
    "speech": "GEN",
    "webpage": "ELEC",
}
_BIBTEX_TYPES = {
    "article-journal": "article",
    "chapter": "incollection",
    "paper-conference": "inproceedings",
    "webpage": "online",
}
#: What BibTeX calls the container of a work; that of any other entry is how it was published.
_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_RANGE = re.compile(r"(\w+)[-–](\w+)")
#: What TeX reads as a command, the braces that BibTeX counts even so, and pairs of characters that TeX would join.
_TEX = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: f"\\{character}" for character in "#$%&_"},
}
_BRACES = {"{": r"\{", "}": r"\}"}
_UNBALANCED = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_PAIRS = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=[`<>,?!])(?=[`<>,])")


def write_csl_json(extract: Extract) -> Iterator[bytes]:
    """Yield one JSON array, an item a line."""
    yield b"["
    separator = "\n"
    for item in read_items(extract):
        yield f"{separator}{json.dumps(item, ensure_ascii=False)}".encode()
        separator = ",\n"
    yield b"\n]\n"


def write_ris(extract: Extract) -> Iterator[bytes]:
    """Yield a record for each work, as lines of tag and value; lines end as RIS has it."""
    for item in read_items(extract):
        yield to_ris(item).encode()


def write_bibtex(extract: Extract) -> Iterator[bytes]:
    """Yield an entry for each work, in UTF-8; what TeX would read as a command is escaped."""
    for item in read_items(extract):
        yield to_bibtex(item).encode()


def to_ris(item: Json) -> str:
    r"""Return an item as a record of RIS.

    >>> to_ris({"id": "x1", "type": "document", "title": "Hand"})
    'TY  - GEN\r\nID  - x1\r\nTI  - Hand\r\nER  - \r\n\r\n'
    """
    lines = ((tag, text) for tag, value in _ris(item) if (text := _line(value)))
    return "".join(f"{tag}  - {text}\r\n" for tag, text in lines) + "ER  - \r\n\r\n"


def to_bibtex(item: Json) -> str:
    r"""Return an item as an entry of BibTeX.

    >>> print(to_bibtex({"id": "x1", "type": "webpage", "title": "5 % {A}&E", "issued": {"date-parts": [[2020, 5]]}}))
    @online{x1,
      title = {{5 \% \{A\}\&E}},
      year = {2020},
      month = may
    }
    <BLANKLINE>
    """
    type_ = _BIBTEX_TYPES.get(item["type"], "misc")
    fields = [f"  {name} = {value}" for name, value in _bibtex(item, type_) if value]
    return ",\n".join([f"@{type_}{{{item['id']}", *fields]) + "\n}\n"


def _ris(item: Json) -> Iterator[tuple[str, object]]:
    yield "TY", _RIS_TYPES[item["type"]]
    yield "ID", item["id"]
    yield "TI", item["title"]
    for name in item.get("author", ()):
        # A comma parts family and given names; a single one at the end makes all before it one name, as in EndNote.
        literal = name.get("literal", "").replace(",", ";")
        yield "AU", f"{literal}," if literal else f"{name['family']}, {name['given']}"
    date = _date(item)
    yield "PY", date[0] if date else ""
    if len(date) > 1:
        yield "DA", "/".join([f"{date[0]:04}", *(f"{part:02}" for part in date[1:])]) + "/" * (3 - len(date))
    yield "T2", item.get("container-title", "")
    yield "VL", item.get("volume", "")
    yield "IS", item.get("issue", "")
    pages = _RANGE.fullmatch(item.get("page", ""))
    yield "SP", pages[1] if pages else item.get("page", "")
    yield "EP", pages[2] if pages else ""
    yield "DO", item.get("DOI", "")
    yield "AN", item.get("PMID", item.get("number", ""))
    yield "C2", item.get("PMCID", "")
    yield "UR", item.get("URL", "")
    yield "M3", item.get("genre", "")
    yield "N1", item.get("note", "")


def _bibtex(item: Json, type_: str) -> Iterator[tuple[str, str]]:
    date = _date(item)
    # Titles are in braces of their own, so that no style changes capitals.
    yield "title", _braced(_field(item["title"]))
    yield "author", _braced(" and ".join(map(_bibtex_name, item.get("author", ()))))
    yield "year", _braced(str(date[0])) if date else ""
    yield "month", _MONTHS[date[1] - 1] if len(date) > 1 else ""
    yield _CONTAINERS.get(type_, "howpublished"), _braced(_field(item.get("container-title")))
    yield "volume", _field(item.get("volume"))
    yield "number", _field(item.get("issue", item.get("number")))
    yield "pages", _braced(_RANGE.sub(r"\1--\2", _tex(item.get("page", ""))))
    yield "doi", _verbatim(item.get("DOI"))
    yield "pmid", _field(item.get("PMID"))
    yield "pmcid", _field(item.get("PMCID"))
    yield "url", _verbatim(item.get("URL"))
    yield "type", _field(item.get("genre"))
    yield "note", _field(item.get("note"))


def _bibtex_name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return _field(name["literal"])
    family = _tex(name["family"])
    # A word in small letters would be taken for a particle, and those before it, too.
    return f"{_braced(family) if any(word[0].islower() for word in family.split()) else family}, {_tex(name['given'])}"


def _date(item: Json) -> list[int]:
    parts: list[list[int]] = item["issued"]["date-parts"] if "issued" in item else [[]]
    return parts[0]


def _field(value: str | None) -> str:
    return _braced(_tex(value or ""))


def _braced(text: str) -> str:
    return f"{{{text}}}" if text else ""


def _tex(text: str) -> str:
    line = _line(text)
    known = _TEX | (_BRACES if _is_balanced(line) else _UNBALANCED)
    return "".join(known.get(character, character) for character in _PAIRS.sub("\0", line)).replace("\0", "{}")


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def _verbatim(value: str | None) -> str:
    """Return an identifier or address, which readers take as it is; braces and backslashes would end it."""
    return _braced(re.sub(r"[\\{}\s]", lambda found: quote(found[0]), value or ""))


def _line(value: object) -> str:
    """Return a text as one line without control characters."""
    return " ".join(_CONTROLS.sub(" ", str(value)).split())
