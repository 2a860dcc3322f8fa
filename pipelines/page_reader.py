"""What the process that reads pages is asked to do: light to import for who asks, heavy only where it is done."""

from __future__ import annotations

from dataclasses import replace

from pipelines.items import FetchedPage, Reading, TopicChoice

READY = "pipelines.ready"
"""The module that loads what reading needs, for readers that are forked."""


def read_page(fetched: FetchedPage, choice: TopicChoice) -> Reading:
    """Read a page; the reading comes without the page's body, which who asked still has.

    What reading needs is imported here: half a second that most polls never spend.
    """
    from pipelines.reading import read

    reading = read(fetched, choice)
    return replace(reading, page=replace(reading.page, body=b""))


def prepare() -> None:
    """Load what the first page of a process would wait for."""
    from pipelines.extract import warm_up

    warm_up()
