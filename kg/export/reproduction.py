"""Scripts that compute a pooled result again from its inputs, in R and in Python, without calcikg.

Each has its data inside, prints the published figures beside those that it computes, and says whether they agree to
four decimals. The templates are in ``scripts``.
"""

import json
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from kg.read.synthesis import study_name

_LENGTH = 116
_PUBLISHED = ("estimate", "lower", "upper", "prediction_lower", "prediction_upper", "tau_squared")
#: What the effects of ratios and of differences are.
_SCALES = {"1": "logarithm of the ratio"}
_DIFFERENCE = "difference of the means"
#: How a script says what a figure comes from.
_NOTE = {"shares": "; a basis of shares means that the count follows from a printed share and a number of people"}


def write_script(result: Mapping[str, Any], language: str) -> str:
    """Return the script in ``R`` or ``py`` for a pooled result, as `kg.read.synthesis.read_pooled` gives it."""
    unit = result.get("unit", "")
    studies = [
        {**study, "finding": study["id"].removeprefix("finding/"), "study": study_name(study)}
        for study in result["studies"]
    ]
    text: str = _template(language).render(
        about=_about(result),
        unit=unit,
        scale=_SCALES.get(unit, _DIFFERENCE),
        studies=studies,
        published=[(name, result[name]) for name in _PUBLISHED if name in result],
    )
    return text


def _about(result: Mapping[str, Any]) -> str:
    bases = {study["basis"] for study in result["studies"]}
    return "\n".join(
        [
            result["label"],
            result["sentence"],
            f"{result['iri']}, computed with {', '.join(result['computed_with'])}. Findings are at"
            " https://w3id.org/calcikg/id/finding/…" + "".join(_NOTE[basis] for basis in _NOTE if basis in bases) + ".",
        ]
    )


@cache
def _template(language: str) -> Any:
    # A script is no HTML: its strings are quoted as the language does.
    environment = Environment(
        loader=PackageLoader("kg.export", "scripts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"comment": _comment, "quoted": _quoted, "listed": _listed}
    return environment.get_template(f"reproduce.{language}.jinja")


def _comment(text: str) -> str:
    """Return text as lines of comment; no character in it can end one.

    >>> _comment("one\\rtwo")
    '# one two'
    """
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n#\n".join("\n".join(f"# {part}" for part in textwrap.wrap(line, _LENGTH)) for line in lines)


def _quoted(text: str) -> str:
    r"""Return a string as R and Python both read it, whatever the encoding of the machine.

    >>> _quoted('Müller "2020"\n'), _quoted("😀")
    ('"M\\u00fcller \\"2020\\"\\n"', '"\\U0001f600"')
    """
    return "".join(char if ord(char) < 0x10000 else f"\\U{ord(char):08x}" for char in _escaped(text))


def _escaped(text: str) -> str:
    """Escape all but ASCII as JSON does, and leave what lies beyond its four digits."""
    return '"' + "".join(char if ord(char) > 0xFFFF else json.dumps(char)[1:-1] for char in text) + '"'


def _listed(items: Iterable[object]) -> str:
    """Return items as the content of a list, one a line where they are too long for one."""
    texts = [str(item) for item in items]
    line = ", ".join(texts)
    return line if len(line) < _LENGTH - 20 else "\n    " + ",\n    ".join(texts) + "\n  "
