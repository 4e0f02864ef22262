"""Pictures as files of their own, which no style sheet reaches."""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

_STATIC = Path(__file__).parents[2] / "static"
_COLOUR = re.compile(r"--([\w-]+):\s*([^;]+);")
_RULE = re.compile(r"^(\.(?:picture|kind-|before|forest)[^{@]*)(\{[^}]*\})", re.MULTILINE)


def standalone(picture: Markup) -> str:
    """Return a picture with its styles inside, in the colours of a light page, on white."""
    start, end, rest = str(picture).partition("</desc>")
    return f'{start}{end}<style>{_style()}</style><rect width="100%" height="100%" fill="#fff"/>{rest}\n'


@cache
def _style() -> str:
    """Return the rules of pictures of the style sheet of the pages, with colours in place of variables."""
    root = (_STATIC / "style.css").read_text(encoding="utf-8").partition(":root {")[2].partition("}")[0]
    colours = dict(_COLOUR.findall(root))
    rules = _RULE.findall((_STATIC / "evidence.css").read_text(encoding="utf-8"))
    text = "\n".join(f"{selector.strip()} {body}" for selector, body in rules)
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], text)
