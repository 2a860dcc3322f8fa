"""Datasette plugin: gives every template the words of the reader's language, links and ways to show what was stored."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl

from archive.site.showing import for_templates
from archive.site.views.page import words_of


@hookimpl
def extra_template_vars(request: Any, datasette: Any) -> dict[str, Any]:
    """Return what templates may use."""
    return for_templates(datasette, request, words_of(request))


@hookimpl
def extra_css_urls(template: str | None, datasette: Any) -> list[str]:
    """Put our looks behind Datasette's own on its pages; ours name their style sheet themselves."""
    return [] if (template or "").startswith("pages/") else ["/-/dauys/stock.css"]
