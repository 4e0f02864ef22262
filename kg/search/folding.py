"""Folds a text to the words that search compares: lower case, no accents, letters and digits apart."""

import re
import unicodedata

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
        "phi chi psi omega".split(),
        strict=True,
    )
)
_LONE_GREEK = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")
_ANALYSER = (
    # A number is a word of its own, so that "Scl70", "Scl-70" and "Scl 70" are the same.
    TextAnalyzerBuilder(Tokenizer.regex(r"\p{L}+|\p{N}+"))
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .build()
)


def fold(text: str) -> list[str]:
    """Return the words of a text as search compares them; of a text without letters and digits, none.

    A Greek letter that stands alone is written out; a Greek word stays one.

    >>> fold("Anti-Scl70 (Sjögren)")
    ['anti', 'scl', '70', 'sjogren']
    >>> fold("TNFα, β-blocker")
    ['tnf', 'alpha', 'beta', 'blocker']
    >>> fold("?!")
    []
    """
    if not text.isascii():
        # Compatibility decomposition takes accents off their letters, and ligatures and superscripts apart. What
        # has no decomposition (ø, ł, ß) is left to the analyser. Lone surrogates are in no text that could match.
        decomposed = unicodedata.normalize("NFKD", text.casefold()).encode("utf-8", "ignore").decode("utf-8")
        plain = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
        text = _LONE_GREEK.sub(lambda found: f" {_GREEK.get(found[0], found[0])} ", plain)
    return _ANALYSER.analyze(text)
