"""Wires the components of this project into Scrapy, in one place."""

from __future__ import annotations

from scrapy.settings import BaseSettings

from crawler.middlewares import HANDLERS, ORDER

PIPELINES = {
    "pipelines.stages.ReadPipeline": 100,
    "pipelines.stages.StorePipeline": 800,
}
EXTENSIONS: dict[str, int | None] = {
    "crawler.runs.RunRecorder": 0,
    "crawler.throttle.PoliteThrottle": 500,
    "crawler.stopping.QuickStop": 500,
    "scrapy.extensions.throttle.AutoThrottle": None,  # replaced by the one above
    "scrapy.extensions.feedexport.FeedExporter": None,  # articles go to the archive
}


class DauysAddon:
    """Scrapy's name for a bundle of settings; enabled by `ADDONS` in settings.py."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Add the middlewares, handlers, pipelines and extensions; a project's own entries for them win."""
        for name, components in (
            ("DOWNLOADER_MIDDLEWARES", ORDER),
            ("DOWNLOAD_HANDLERS", HANDLERS),
            ("ITEM_PIPELINES", PIPELINES),
            ("EXTENSIONS", EXTENSIONS),
        ):
            wanted = {**components, **settings.getdict(name)}
            # Without a reactor Scrapy sets its own handlers over those of an add-on's priority, and says nothing.
            settings.set(name, wanted, priority="project")
