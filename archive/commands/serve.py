"""`serve`: the archive in a browser."""

from __future__ import annotations

import socket
import webbrowser
from pathlib import Path

import click

from archive.commandline import archive_option
from archive.reading import open_for_reading


@click.command("serve")
@archive_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8001, show_default=True, help="0 takes any free one.")
@click.option("--public", is_flag=True, help="Others reach it too (a proxy): no SQL of their own, no download.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
def serve_command(archive: Path, host: str, port: int, public: bool, open_browser: bool) -> None:
    """Show the archive in a browser, read-only, with Datasette.

    On loopback any SQL may be asked. On another address the whole network can read, and only the site's own
    pages, tables and canned queries are answered; --public says the same of a site behind a proxy.

    \b
    Example:
      python -m archive serve --port 8001 --open
    """
    # a second of imports that no other command should wait for
    import uvicorn

    from archive.site.app import is_loopback, site
    from archive.site.ready import make_ready

    open_for_reading(archive).close()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # whoever reads the address below is answered, if after a moment
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {error.strerror or error}. Another one: --port {port + 1}"
        ) from error
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    click.echo(f"{archive} is at {address} (stop with Ctrl-C)")
    if not is_loopback(host):
        click.echo("Everybody who reaches this address can read the archive.", err=True)
    if open_browser:
        webbrowser.open(address)
    shown_site = site(archive, host, public=public).app()
    make_ready()
    config = uvicorn.Config(shown_site, log_level="warning", lifespan="on")
    uvicorn.Server(config).run(sockets=[listener])
