"""``kg check``."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Seeds, inputs, progress


def check(
    file: Annotated[
        Path | None, typer.Argument(help="Check this record file alone.", exists=True, dir_okay=False)
    ] = None,
    seeds: Seeds = None,
) -> None:
    """Validate records, ontology, mappings and verifications; show every error with file, place and repair."""
    from kg.build.check import check_file, find_violations
    from kg.build.infer import derive
    from kg.errors import RecordsError

    given = inputs(seeds)
    with progress("checking"):
        if file:
            records, violations = check_file(file, given)
            checked = f"{file}: {records} records"
        else:
            dataset, inferred = derive(given)
            violations = [*find_violations(dataset, inferred, given), *dataset.outdated]
            checked = f"{len(dataset.positions)} records, {len(dataset.quads)} quads"
    if violations:
        raise RecordsError(violations)
    print(f"{checked}: no problems")
