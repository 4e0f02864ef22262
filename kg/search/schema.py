"""The fields of the index, and how an entry becomes a document of it.

A key is a name, folded, as one text. An entry's own names are its label, synonyms and identifier, and those of terms
that are the same; the names of terms that are only close or broader are weaker, and have fields beside.
"""

import json

import tantivy

from kg.search.entries import Entry, Name, Role
from kg.search.folding import fold

#: The field of a name's key, by what it is to the entry.
KEYS: dict[Role, str] = {
    "label": "label",
    "synonym": "name",
    "id": "name",
    "exactMatch": "name",
    "closeMatch": "close",
    "broadMatch": "broad",
}
#: Fields for parts of names, once for an entry's own names and once for all of them: the beginnings of keys, words,
#: beginnings of words. The last is left out where all names are own.
OWN, ALL = "own", "all"
#: Beginnings of up to this length are terms of their own: many names begin alike. Longer ones are few, and looked up.
START, BEGIN = 16, 3

TOKENIZERS = {
    name: tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(1, length, prefix_only=True)).build()
    for name, length in (("start", START), ("begin", BEGIN))
}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    fields = dict.fromkeys((*KEYS.values(), "key"), "raw")
    for names in (OWN, ALL):
        fields |= {f"{names}_start": "start", f"{names}_word": "raw", f"{names}_begin": "begin"}
    for name, tokenizer in fields.items():
        builder.add_text_field(name, tokenizer_name=tokenizer, index_option="basic")
    builder.add_text_field("type", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_bytes_field("entry", stored=True, indexed=False)
    return builder.build()


SCHEMA = _schema()


def document(entry: Entry) -> tantivy.Document:
    """Return the document of an entry; the entry itself is stored in it."""
    made = tantivy.Document()
    words = [(name.role, fold(name.text)) for name in entry.names]
    own = [key for role, key in words if KEYS[role] in ("label", "name")]
    for role, key in words:
        made.add_text(KEYS[role], " ".join(key))
        made.add_text("key", " ".join(key))
    for fields, keys in ((OWN, own), (ALL, [key for _, key in words] if len(own) < len(words) else [])):
        for start in {" ".join(key) for key in keys}:
            made.add_text(f"{fields}_start", start)
        for word in {word for key in keys for word in key}:
            made.add_text(f"{fields}_word", word)
            made.add_text(f"{fields}_begin", word)
    for type_ in entry.types:
        made.add_text("type", type_)
    names = [(name.text, name.role, name.term) for name in entry.names]
    stored = json.dumps((entry.iri, entry.type, entry.types, entry.uses, names), ensure_ascii=False)
    made.add_bytes("entry", stored.encode("utf-8"))
    return made


def entry_of(made: tantivy.Document) -> Entry:
    """Return the entry that is stored in a document."""
    iri, type_, types, uses, names = json.loads(made["entry"][0])
    return Entry(iri, type_, tuple(types), uses, tuple(Name(*name) for name in names))
