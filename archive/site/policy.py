"""The guard around the site: which requests it answers, and headers that keep pages from running what they quote."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from jinja2.ext import Extension

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]

NONCE = "dauys_nonce"
OWN_STATIC = "/-/dauys/"
READING = ("GET", "HEAD", "OPTIONS")

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Scripts come from our files, or carry a nonce that only templates can write: what an article says never does.
Datasette's own pages need style attributes."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class NonceForTemplates(Extension):
    """Gives the scripts that are written in template files the nonce of the answer they are sent in.

    It works on the source of a template, so that nothing a template is filled with can get one.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template's source with the nonce; Datasette's pages, which are English, say so too."""
        source = source.replace("<html>", '<html lang="en">', 1)
        return source.replace("<script", '<script nonce="{{ csp_nonce }}"')


def guarded(app: App, *, private: bool) -> App:
    """Return `app` behind the guard; a `private` archive answers only to the names of this machine.

    Without that check a page on the web could have its own name point here (DNS rebinding) and read all.
    """

    async def answer(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if scope["method"] not in READING:
            await _refuse(send, 405, "This archive can only be read.", (b"allow", b"GET, HEAD, OPTIONS"))
            return
        if private and not is_own_name(_header(scope, b"host")):
            await _refuse(
                send,
                403,
                "This archive is shown to its own machine only. To show it to others start it with --public,"
                " or on an address that they reach.",
            )
            return
        nonce = secrets.token_urlsafe(16)
        scope = {**scope, NONCE: nonce}

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*_headers(message, scope, nonce)]}
            await send(message)

        await app(scope, receive, send_guarded)

    return answer


def is_own_name(host: str) -> bool:
    """Tell whether a Host header names this machine: localhost or a loopback address, with any port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _headers(message: MutableMapping[str, Any], scope: Scope, nonce: str) -> list[tuple[bytes, bytes]]:
    headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", [])]
    set_already = {name for name, _ in headers}
    added = [*HEADERS, (b"content-security-policy", POLICY.format(nonce=nonce).encode())]
    if scope["path"].startswith(OWN_STATIC) and scope.get("query_string") and message["status"] == 200:
        # the address changes with the content
        headers = [pair for pair in headers if pair[0] != b"cache-control"]
        added.append((b"cache-control", b"public, max-age=31536000, immutable"))
        set_already.discard(b"cache-control")
    return headers + [pair for pair in added if pair[0] not in set_already]


def _header(scope: Scope, wanted: bytes) -> str:
    return next((bytes(value).decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), "")


async def _refuse(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    body = text.encode() + b"\n"
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                *HEADERS,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
