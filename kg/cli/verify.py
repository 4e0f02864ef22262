"""``kg verify``."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Seeds, inputs


def verify(
    documents: Annotated[
        Path | None,
        typer.Option("--documents", help="Folder with the texts of the sources.", exists=True, file_okay=False),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option("--notes", help="Folder with a reading note on each source.", exists=True, file_okay=False),
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List the numbers that no record accounts for.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Record the verified findings in seeds/verified.tsv.")
    ] = False,
    seeds: Seeds = None,
) -> None:
    """Check every record against the text of its source or a note on it: its passage, and each of its figures."""
    from kg.build.records import read_records
    from kg.build.verified import record_verified
    from kg.curate.verify import read_documents
    from kg.curate.verify import verify as verify_records

    if documents is None and notes is None:
        raise typer.BadParameter("give a folder of texts, of notes, or both", param_hint="--documents or --notes")
    if coverage and documents is None:
        raise typer.BadParameter("it needs --documents", param_hint="--coverage")
    given = inputs(seeds)
    files = read_records(given.seeds, given.context)
    furniture = given.seeds / "furniture.tsv" if coverage else None
    if furniture and not furniture.is_file():
        raise typer.BadParameter(f"{furniture} is missing", param_hint="--coverage")
    texts, read_notes = (read_documents(folder) if folder else [] for folder in (documents, notes))
    report = verify_records(files, texts, read_notes, furniture)
    print(
        f"{report.findings} findings and {report.records - report.findings} other records: "
        f"{report.passages} passages found, {report.figures} figures looked up ({report.derived} derived), "
        f"{len(report.problems)} problems"
    )
    if report.missing:
        print(f"{len(report.missing)} findings whose text or note is not there")
    if coverage:
        print(
            f"{len(report.uncovered)} numbers that no record accounts for "
            f"(besides {report.furniture} that belong to the page layout)"
        )
    if record:
        rows = record_verified(given.seeds, files, report.confirmed, report.missing, date.today())
        print(f"{len(report.confirmed)} findings recorded as verified, {len(rows)} in all")
    for problem in report.problems:
        print(f"{problem.record}: {problem.problem}", file=sys.stderr)
    for number in report.uncovered:
        print(f"{number.document}: {number.number} in “{number.context}”", file=sys.stderr)
    if not report.findings:
        print("none of the texts is that of a source", file=sys.stderr)
    if report.problems or report.uncovered or not report.findings:
        raise typer.Exit(1)
