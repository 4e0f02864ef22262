"""Text from elsewhere, fit for a terminal and a log."""

import unicodedata

#: Categories of Unicode: controls, formats (such as changes of direction), surrogates, ends of lines and paragraphs.
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes for whatever could move, hide or turn what is shown.

    >>> print(printable("a\x1b[2J\nb\u202ec \udcff"), printable("Sjögren"))
    a\x1b[2J\nb\u202ec \udcff Sjögren
    """
    return "".join(ascii(sign)[1:-1] if unicodedata.category(sign) in _UNFIT else sign for sign in text)
