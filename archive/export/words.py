"""Writes what people read first in a package: `README.md` and `CODEBOOK.md`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from archive.codebook import section
from archive.export.facts import Facts, counted
from archive.export.tables import Column
from archive.export.writers import Format

README = "README.md"
CODEBOOK = "CODEBOOK.md"
_TYPES = {"list": "list of texts", "json": "object", "string": "text"}
_READ: dict[Format, str] = {
    "csv": """In Excel or LibreOffice: Data, From Text/CSV, encoding UTF-8 (a double click takes it for another one).

In R, the texts as a corpus and the tables beside it:

```r
articles <- readtext::readtext("articles.csv", docid_field = "doc_id", text_field = "text")
corpus <- quanteda::corpus(articles)
topics <- read.csv("topic_hits.csv", encoding = "UTF-8")
```

In Python (only an empty cell is a missing value: a headline may be the word "None"):

```python
import pandas as pd
articles = pd.read_csv("articles.csv", keep_default_na=False, na_values=[""])
```
""",
    "jsonl": """One JSON object a line:

```python
import json
with open("articles.jsonl", encoding="utf-8") as lines:
    articles = [json.loads(line) for line in lines]
```
""",
    "parquet": """```python
import pandas as pd
articles = pd.read_parquet("articles.parquet")
```

```sql
-- DuckDB: articles by day and outlet
select published_day, source_id, count(*) from 'articles.parquet' group by all order by all;
```
""",
}
_READ_LIST = """In Python:

```python
import pandas as pd
articles = pd.read_csv("articles.csv")
```
"""


def readme(facts: Facts) -> str:
    """Return what is in the package, how it was chosen and how to begin with it."""
    chosen = facts.selection.options()
    first = facts.formats[0]
    parts = [f"# {facts.title}\n", facts.description, "\n## What was chosen\n"]
    asked = " ".join(_typed(chosen))
    parts.append(f"`python -m archive export DIR {asked}`" if asked else "Every article.")
    if facts.selected.reserved:
        parts.append(
            f"\n{counted(facts.selected.reserved, 'article')} left out because the site reserves text and data mining"
            " or forbids archiving."
        )
    parts += ["\n## Tables\n", "| table | rows | what |", "|---|---|---|"]
    parts += [
        f"| `{table.name}` | {facts.files[table.name, first].rows} | {table.description} |" for table in facts.tables
    ]
    parts.append(
        "\n`CODEBOOK.md` tells every column. Tables are joined by `articles.id` = `versions.article_id` ="
        " `topic_hits.article_id`, `articles.source_id` = `sources.id`, `articles.story_id` = `stories.id`."
    )
    if "csv" in facts.formats and facts.selection.text:
        parts.append(
            "\nIn CSV, and only there, texts that a spreadsheet would take for a formula (they begin with"
            " `=`, `+`, `-`, `@` or a tab) have an apostrophe in front; `text_sha256` is the digest of the text"
            " without it."
        )
    parts.append("\n## Reading it\n")
    parts += [_READ[name] if facts.selection.text or name != "csv" else _READ_LIST for name in facts.formats]
    if not facts.selection.text:
        parts.append(
            "The texts are not in this package. `scrapy hydrate articles.csv` of Dauys fetches the articles again;"
            " `text_sha256` tells whether a text is the one that was archived.\n"
        )
    parts += [
        "## Citing it\n",
        f"{', '.join(facts.authors)}: {facts.title}, version {facts.version}. `CITATION.cff` has the same for programs;"
        " `references.bib` and `references.csl.json` have every article under its `doc_id`.",
        "\n## Is it whole?\n",
        "`sha256sum -c MANIFEST`. The same archive and the same options give the same files.\n",
    ]
    return "\n".join(parts)


def _typed(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options as they are typed."""
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            yield option
            continue
        for one in value if isinstance(value, list) else [value]:
            yield f"{option} {shlex.quote(str(one))}"


def codebook(facts: Facts) -> str:
    """Return every column of the package in words."""
    head = (
        f"# Codebook of {facts.title}\n\nEvery table and column of this package. Times are UTC in ISO 8601"
        " (`2026-03-10T07:00:00Z`); `published_at` is a plain date where only the day is known.\n"
    )
    return head + "".join(
        section(
            table.name,
            table.description,
            [(column.name, _type(column), column.description) for column in table.columns],
        )
        for table in facts.tables
    )


def _type(column: Column) -> str:
    choices = f": {', '.join(column.choices)}" if column.choices else ""
    return f"{_TYPES.get(column.kind, column.kind)}{choices}{'' if column.required else ', may be empty'}"
