"""Elements of SVG as text that is safe in a page: names, attributes, and what stands between."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

#: What XML 1.0 allows in no document.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *content: Markup | str, **attributes: object) -> Markup:
    """Return an element; ``_`` in the name of an attribute stands for ``-``, and at its end for nothing.

    >>> element("text", "a < b", x=1.50, class_="label", text_anchor="end", y=None)
    Markup('<text x="1.5" class="label" text-anchor="end">a &lt; b</text>')
    >>> element("circle", r=2)
    Markup('<circle r="2"/>')
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(each if isinstance(each, Markup) else _text(each) for each in content)
    return Markup(f"<{tag}{given}>{inside}</{tag}>" if inside else f"<{tag}{given}/>")


def picture(
    width: float, height: float, title: str, description: str, content: Iterable[Markup], class_: str, role: str = "img"
) -> Markup:
    """Return a picture with a name and a description for those who cannot see it, measured in CSS pixels.

    One that holds links is a ``group`` of them; the content of an ``img`` is closed to those who cannot see it.
    """
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *content,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"picture {class_}",
        role=role,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
    )


def number(value: float) -> str:
    """Write a coordinate: to a hundredth of a pixel, without what says nothing.

    >>> number(12.0), number(3.14159), number(-0.001)
    ('12', '3.14', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def join(parts: Iterable[Markup]) -> Markup:
    """Put parts one after the other."""
    return Markup("").join(parts)


def _text(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number(value)
    return str(escape(_FORBIDDEN.sub("", str(value))))
