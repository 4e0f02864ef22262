"""Reads nodes and edges in a folder by KGX itself, as `kgx transform --stream` does; prints what its validator finds.

Started by `tests/test_export_kgx.py` in an environment of its own, because KGX needs older versions of libraries that
the project uses. KGX asks GitHub for the Biolink model when it is imported; here it is given the one that PyPI has.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def prepare(folder: Path) -> None:
    """Give KGX the Biolink model and its prefixes, and our own prefixes, before it asks for them."""
    import biolink_model
    import bmt.toolkit
    import kgx.config
    import yaml

    model = Path(next(iter(biolink_model.__path__)))
    bmt.toolkit.requests = SimpleNamespace(get=lambda _: SimpleNamespace(text="predicate mappings: []"))
    bmt.toolkit.Toolkit.__init__.__defaults__ = (str(model / "schema" / "biolink_model.yaml"), "")
    context = json.loads((model / "prefixmaps" / "biolink_model_prefix_map.json").read_text())
    own = yaml.safe_load((folder / "prefixes.yaml").read_text())["prefix_map"]
    kgx.config.jsonld_context_map["biolink"] = context | own


def read(folder: Path) -> dict[str, Any]:
    """Read the tables into `read_nodes.jsonl` and `read_edges.jsonl`; return the faults by level and type."""
    from kgx.transformer import Transformer
    from kgx.utils.kgx_utils import tk
    from kgx.validator import Validator

    Validator._currently_active_toolkit = tk
    validator = Validator()
    source = {"filename": [str(folder / "nodes.tsv"), str(folder / "edges.tsv")], "format": "tsv"}
    target = {"filename": str(folder / "read"), "format": "jsonl"}
    Transformer(stream=True).transform(source, target, inspector=validator)
    return {level: dict(found) for level, found in validator.get_errors().items()}


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    print(json.dumps(read(Path(sys.argv[1])), default=str))
