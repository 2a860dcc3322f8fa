"""Datasette plugin: nothing can be written, no foreign script runs, no other site reaches a private archive."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl

from archive.site.policy import NonceForTemplates, guarded


@hookimpl(tryfirst=True)
def asgi_wrapper(datasette: Any) -> Any:
    """Put the guard around the whole of Datasette."""
    return lambda app: guarded(app, private=bool(datasette.setting("default_allow_sql")))


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Let the scripts that stand in Datasette's own templates run, and no others."""
    env.add_extension(NonceForTemplates)
