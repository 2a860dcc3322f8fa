"""Datasette plugin: an address that leads nowhere gets the site's own page, in the reader's language."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound

from archive.site.views.page import trouble, words_of


@hookimpl(tryfirst=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """Return the page for what is not there; programs (.json, .csv) and other trouble get Datasette's answer."""
    if not isinstance(exception, NotFound) or "." in request.path.rpartition("/")[2]:
        return None
    w = words_of(request)
    return lambda: trouble(datasette, request, w("error.missing"), w("error.no_page"), 404)
