"""What every view needs: asks the archive within a time limit, fills a template, keeps the language."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import wraps
from time import monotonic
from typing import Any, TypeVar

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response

from archive.database import Database
from archive.errors import DauysError
from archive.site.language import COOKIE, LANGUAGES, Words, choose, words

YEAR_S = 365 * 24 * 3600

Found = TypeVar("Found")
View = Callable[[Any, Any], Awaitable[Any]]


class MissingError(DauysError):
    """Raised when a page is asked for that the archive has nothing for; the text is a key of the catalogues."""


class TooSlowError(DauysError):
    """Raised when an answer would take longer than a public site may spend on it."""


async def ask(datasette: Any, question: Callable[[Database], Found]) -> Found:
    """Return what a query function finds, on one of Datasette's read-only connections; raise TooSlowError."""
    limit = datasette.setting("sql_time_limit_ms")

    def within_limit(connection: sqlite3.Connection) -> Found:
        until = monotonic() + limit / 1000
        try:
            with sqlite_timelimit(connection, limit):
                # as of one moment: crawls write between the questions that a page is made of
                connection.execute("begin")
                try:
                    return question(Database(connection, recursive_triggers=False, execute_plugins=False))
                finally:
                    connection.rollback()
        except sqlite3.OperationalError as error:
            # SQLite has other words for it while it opens the full-text index: "vtable constructor failed"
            if "interrupted" not in str(error) and monotonic() < until:
                raise
            raise TooSlowError("the question takes too long") from error

    found: Found = await datasette.get_database().execute_fn(within_limit)
    return found


def words_of(request: Request | None) -> Words:
    """Return the words of the language that a request is answered in."""
    if request is None:
        return words("en")
    return words(choose(request.args.get("_lang"), request.cookies.get(COOKIE), request.headers.get("accept-language")))


async def filled(
    datasette: Any, request: Request, template: str, context: dict[str, Any], status: int = 200
) -> Response:
    """Return a page of the site."""
    body = await datasette.render_template(f"pages/{template}.html", context, request=request)
    return Response.html(
        body,
        status=status,
        headers={"Cache-Control": "private, max-age=0", "Vary": "Cookie, Accept-Language"},
    )


def page(view: View) -> View:
    """Make a view of an async function: errors become pages in the reader's language, ?_lang= is remembered."""

    @wraps(view)
    async def answered(datasette: Any, request: Any) -> Any:
        w = words_of(request)
        try:
            response = await view(datasette, request)
        except MissingError as error:
            response = await trouble(datasette, request, w("error.missing"), w(str(error)), 404)
        except TooSlowError:
            response = await trouble(datasette, request, w("error.slow"), w("error.slow_hint"), 503)
        asked = request.args.get("_lang")
        if asked in LANGUAGES:
            response.set_cookie(COOKIE, asked, max_age=YEAR_S, samesite="lax")
        return response

    return answered


async def trouble(datasette: Any, request: Request, title: str, text: str, status: int) -> Response:
    """Return a page that says what is wrong."""
    return await filled(datasette, request, "trouble", {"title": title, "text": text}, status)


def whole(request: Request, path: str) -> str:
    """Return the whole address of a path of this site, as feeds need it."""
    return f"{request.scheme}://{request.host}{path}"
