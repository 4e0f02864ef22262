"""Where the ontology and the records are: inside the package when it is installed, beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# A wheel holds both folders inside the package (setup.py puts them there); a checkout has them at its top.
_PARENT = _PACKAGE if (_PACKAGE / "ontology").is_dir() else _PACKAGE.parent

#: The classes, context, shapes, checks, rules, mappings and imports of the project.
ONTOLOGY = _PARENT / "ontology"
#: The project's own records.
SEEDS = _PARENT / "seeds"
