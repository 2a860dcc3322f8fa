"""Run the newsroom as a process of its own: prints one JSON line with its addresses, ends on SIGTERM.

Example: python -m tests.newsroom --clock 2026-03-10T00:00:00Z --sources /path/sources.toml
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path

from .newsroom import Newsroom


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.newsroom", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the outlets (0: a free one)")
    parser.add_argument("--control-port", type=int, default=0, help="port of the control desk (0: a free one)")
    parser.add_argument("--clock", default="2026-03-01T00:00:00Z", help="where the newsroom's time stands first")
    parser.add_argument("--outlets", default="", help="only these ids, separated by commas")
    parser.add_argument("--hosts", choices=("auto", "addresses", "ports"), default="auto")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--stall", type=float, default=2.0, help="seconds a time-out episode holds the line")
    parser.add_argument("--sources", type=Path, help="write a sources.toml for the outlets here")
    arguments = parser.parse_args()
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    try:
        newsroom = Newsroom(
            outlets=[name.strip() for name in arguments.outlets.split(",")] if arguments.outlets else None,
            clock=arguments.clock,
            port=arguments.port,
            control_port=arguments.control_port,
            hosts=arguments.hosts,
            latency_s=arguments.latency,
            stall_s=arguments.stall,
        )
    except (KeyError, ValueError) as error:
        parser.error(str(error))
    with newsroom:
        if arguments.sources:
            newsroom.sources_toml(arguments.sources)
        print(json.dumps(newsroom.describe(), ensure_ascii=False), flush=True)
        done.wait()


if __name__ == "__main__":
    main()
