"""Text and IRIs from elsewhere, fit for a terminal, a log and a page."""

import re
import unicodedata

from markupsafe import Markup

#: Categories of Unicode: controls, formats (such as changes of direction), surrogates, ends of lines and paragraphs.
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_WEB = re.compile("https?://")


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes for whatever could move, hide or turn what is shown.

    >>> print(printable("a\x1b[2J\nb\u202ec \udcff"), printable("Sjögren"))
    a\x1b[2J\nb\u202ec \udcff Sjögren
    """
    return "".join(ascii(sign)[1:-1] if unicodedata.category(sign) in _UNFIT else sign for sign in text)


def link(iri: str, words: str) -> Markup:
    """Write words as a link to an IRI of others; without the link unless it is a web address, never ``javascript:``.

    >>> link("https://example.org/?a&b", "a < b")
    Markup('<a href="https://example.org/?a&amp;b">a &lt; b</a>')
    >>> link("javascript:alert(1)", "hand")
    Markup('hand')
    """
    return Markup('<a href="{}">{}</a>').format(iri, words) if _WEB.match(iri) else Markup("{}").format(words)
