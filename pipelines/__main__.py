"""Lets `python -m pipelines` run the commands."""

from __future__ import annotations

from pipelines.cli import main

if __name__ == "__main__":
    main(prog_name="python -m pipelines")
