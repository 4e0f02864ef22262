"""A picture that stands alone: its styles inside, its title and what it counts as text, on a white ground."""

import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from api.pages.pictures.letters import wrap
from api.pages.pictures.svg import element

_STATIC = Path(__file__).parents[2] / "static"
_MARGIN, _TITLE, _TEXT = 16, 18, 12
#: A rule on pictures, in a style sheet that has others, too.
_RULE = re.compile(r"^(\.(?:picture|kind-|before|forest)[^{@]*)(\{[^}]*\})", re.MULTILINE)
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')


def stand_alone(picture: Markup, title: str, caption: str) -> str:
    """Return a picture as a whole document; its links are those that the picture has."""
    size = _SIZE.match(picture)
    assert size is not None, "a picture has a width and a height"
    width, height = float(size[1]), float(size[2])
    y, parts = float(_MARGIN), list[Markup]()
    for text in wrap(title, _TITLE, width):
        y += _TITLE + 4
        parts.append(element("text", text, x=_MARGIN, y=y, class_="title"))
    y += _MARGIN
    parts.append(element("g", picture, transform=f"translate({_MARGIN} {y:g})"))
    y += height + _MARGIN / 2
    for text in wrap(caption, _TEXT, width):
        y += _TEXT + 4
        parts.append(element("text", text, x=_MARGIN, y=y, class_="caption"))
    whole, bottom = width + 2 * _MARGIN, y + _MARGIN
    return element(
        "svg",
        element("title", title),
        element("style", Markup(styles())),
        element("rect", width=whole, height=bottom, fill="#fff"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture",
        viewBox=f"0 0 {whole:g} {bottom:g}",
        width=whole,
        height=bottom,
    )


@lru_cache(maxsize=1)
def styles() -> str:
    """Return the styles of the pictures in light colours; many viewers know no variables."""
    colours = dict(re.findall(r"(--[\w-]+): (#\w+)", _read("style.css").partition("@media")[0]))
    evidence = "\n".join(map("".join, _RULE.findall(_read("evidence.css"))))
    rules = re.sub(r"/\*.*?\*/|@media.*", "", _read("pictures.css"), flags=re.DOTALL)
    return re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], f"{evidence}\n{rules}").strip()


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
