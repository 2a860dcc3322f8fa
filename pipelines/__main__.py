"""Lets `python -m pipelines` run the commands."""

from __future__ import annotations

from pipelines.cli import run

if __name__ == "__main__":
    run()
