"""The fields of the index: how names are normalised, and how an entry becomes a document.

A key is a whole name, normalised. The own names of an entry are its label, synonyms and identifier, and those of terms
that match it exactly; the names of close or broader matches count for less, and have fields of their own.
"""

import json
import re
import unicodedata

from tantivy import Document, Filter, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from kg.search.entries import Entry, Name, Role

#: The field of a name's key, by role.
KEYS: dict[Role, str] = {
    "label": "label",
    "synonym": "name",
    "id": "name",
    "exactMatch": "name",
    "closeMatch": "close",
    "broadMatch": "broad",
}
#: The prefixes of the fields for parts of names (beginnings of keys, words, beginnings of words): once for an entry's
#: own names, and once for all of them, which is left out where all names are its own.
OWN, ALL = "own", "all"
#: Beginnings of up to this length in characters are terms of the index, because many names share them. Longer ones are
#: few, and looked up.
START, BEGIN = 16, 3

TOKENIZERS = {
    name: TextAnalyzerBuilder(Tokenizer.ngram(1, length, prefix_only=True)).build()
    for name, length in (("start", START), ("begin", BEGIN))
}
_ANALYSER = (
    # A number is a word of its own, so that "Scl70", "Scl-70" and "Scl 70" are the same.
    TextAnalyzerBuilder(Tokenizer.regex(r"\p{L}+|\p{N}+"))
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .build()
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
        "phi chi psi omega".split(),
        strict=True,
    )
)
_LONE_GREEK = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")


def normalise(text: str) -> list[str]:
    """Return the words of a text as search compares them: lower case, no accents, letters and digits apart.

    A Greek letter on its own is spelled out; a Greek word is not. A text without letters and digits has no words.

    >>> normalise("Anti-Scl70 (Sjögren)")
    ['anti', 'scl', '70', 'sjogren']
    >>> normalise("TNFα, β-blocker")
    ['tnf', 'alpha', 'beta', 'blocker']
    >>> normalise("?!")
    []
    """
    if not text.isascii():
        # Compatibility decomposition separates accents from letters, and takes ligatures and superscripts apart. The
        # analyser handles what has no decomposition (ø, ł, ß). Lone surrogates occur in no name.
        decomposed = unicodedata.normalize("NFKD", text.casefold()).encode("utf-8", "ignore").decode("utf-8")
        plain = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
        text = _LONE_GREEK.sub(lambda match: f" {_GREEK.get(match[0], match[0])} ", plain)
    return _ANALYSER.analyze(text)


def _schema() -> Schema:
    builder = SchemaBuilder()
    fields = dict.fromkeys((*KEYS.values(), "key"), "raw")
    for names in (OWN, ALL):
        fields |= {f"{names}_start": "start", f"{names}_word": "raw", f"{names}_begin": "begin"}
    for name, tokenizer in fields.items():
        builder.add_text_field(name, tokenizer_name=tokenizer, index_option="basic")
    builder.add_text_field("type", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_bytes_field("entry", stored=True, indexed=False)
    return builder.build()


SCHEMA = _schema()


def to_document(entry: Entry) -> Document:
    """Return the document of an entry, which has the entry itself stored in it."""
    document = Document()
    words = [(name.role, normalise(name.text)) for name in entry.names]
    own = [key for role, key in words if KEYS[role] in ("label", "name")]
    for role, key in words:
        document.add_text(KEYS[role], " ".join(key))
        document.add_text("key", " ".join(key))
    for names, keys in ((OWN, own), (ALL, [key for _, key in words] if len(own) < len(words) else [])):
        for start in {" ".join(key) for key in keys}:
            document.add_text(f"{names}_start", start)
        for word in {word for key in keys for word in key}:
            document.add_text(f"{names}_word", word)
            document.add_text(f"{names}_begin", word)
    for type_ in entry.types:
        document.add_text("type", type_)
    stored = (entry.iri, entry.type, entry.types, entry.uses, [(one.text, one.role, one.term) for one in entry.names])
    document.add_bytes("entry", json.dumps(stored, ensure_ascii=False).encode("utf-8"))
    return document


def from_document(document: Document) -> Entry:
    """Return the entry stored in a document."""
    iri, type_, types, uses, names = json.loads(document["entry"][0])
    return Entry(iri, type_, tuple(types), uses, tuple(Name(*name) for name in names))
