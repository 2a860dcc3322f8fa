"""Writes a data package: the tables in one pass each, then what describes them, then the MANIFEST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from archive.database import Database
from archive.export import citing, croissant, datapackage, words
from archive.export.companion import companion
from archive.export.copying import copy
from archive.export.facts import LAYOUT, Facts
from archive.export.folder import whole_folder
from archive.export.manifest import MANIFEST, File, manifest, measured
from archive.export.rest import passing, rest_of
from archive.export.selection import Selection, selected
from archive.export.tables import tables
from archive.export.writers import Format

TITLE = "News archive of Dauys"
AUTHOR = "Dauys"
Progress = Callable[[int, int | None], None]
"""Told how many articles are written, of how many."""


def export(
    db: Database,
    target: Path,
    selection: Selection,
    *,
    formats: Sequence[Format] = ("csv",),
    title: str = TITLE,
    authors: Sequence[str] = (AUTHOR,),
    progress: Progress | None = None,
) -> Facts:
    """Write the selected articles of an archive, and what belongs to them, into the folder `target`.

    The folder is whole or not there. The same archive and arguments give the same bytes. Memory is bounded by a few
    batches. Where there are many articles a second process writes what belongs to them. Raises ExportError, and
    QueryError and StaleIndex as search does.
    """
    with (
        whole_folder(target) as folder,
        companion(db, folder, selection, formats) as other,
        selected(db, selection, other.begin) as chosen,
    ):

        def told(count: int) -> None:
            if progress is not None:
                progress(count, chosen.articles)

        held = tables(text=selection.text)
        articles = held[0]
        if other.takes(chosen.articles):
            files = copy(db, articles, folder, formats, told=told)
            rest = other.rest()
        else:
            with passing(db, folder, articles) as seen:
                files = copy(db, articles, folder, formats, seen.watchers, told)
            rest = rest_of(db, folder, formats, seen.extent, text=selection.text)
        facts = Facts(
            title=title,
            authors=tuple(authors),
            selection=selection,
            selected=chosen,
            state=rest.state,
            formats=tuple(formats),
            tables=held,
            files=files | rest.tables,
            outlets=rest.outlets,
            days=rest.days,
        )
        _describe(folder, facts, rest.references)
    return facts


def _describe(folder: Path, facts: Facts, references: Sequence[File]) -> None:
    """Write what describes the tables, and last the MANIFEST, which names all other files."""
    for name, content in (
        (words.README, words.readme(facts)),
        (words.CODEBOOK, words.codebook(facts)),
        (datapackage.NAME, datapackage.datapackage(facts)),
        (croissant.NAME, croissant.croissant(facts)),
        (citing.CITATION, citing.citation(facts)),
    ):
        (folder / name).write_text(content, encoding="utf-8", newline="")
    known = {file.name: file for file in (*facts.files.values(), *references)}
    listed = [known.get(path.name) or measured(path) for path in sorted(folder.iterdir())]
    options = {
        "layout": LAYOUT,
        "archive": facts.state.fingerprint,
        "as_of": facts.state.as_of,
        "options": facts.selection.options(),
        "formats": facts.formats,
        "articles": facts.selected.articles,
        "reserved articles left out": facts.selected.reserved,
    }
    (folder / MANIFEST).write_text(manifest(options, listed), encoding="utf-8", newline="")
