"""Describes a package for Frictionless tools: `datapackage.json` with a schema, a digest and keys for each table."""

from __future__ import annotations

import json
from typing import Any

from archive.export.facts import LAYOUT, Facts
from archive.export.tables import Column, Kind, Table
from archive.export.writers import Format

NAME = "datapackage.json"
_TYPES: dict[Kind, str] = {
    "string": "string", "integer": "integer", "number": "number", "datetime": "datetime", "date": "date",
    "list": "array", "json": "object",
}  # fmt: skip
_MEDIA: dict[Format, str] = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}


def datapackage(facts: Facts) -> str:
    """Return the descriptor (Data Package v1, which the tools of v2 read as well)."""
    descriptor: dict[str, Any] = {
        "profile": "data-package",
        "name": "dauys-export",
        "id": f"sha256:{facts.selected.fingerprint}",
        "title": facts.title,
        "description": facts.description,
        "version": facts.version,
        "keywords": ["news", "media", "text corpus"],
        "contributors": [{"title": author, "role": "author"} for author in facts.authors],
        "sources": [{"title": name, "path": homepage} for name, homepage in facts.outlets],
        "dauys": {
            "layout": LAYOUT,
            "archive": facts.selected.fingerprint,
            "as_of": facts.selected.as_of,
            "options": facts.selection.options(),
            "formats": list(facts.formats),
            "articles": facts.selected.articles,
            "reserved_left_out": facts.selected.reserved,
        },
        "resources": [_resource(facts, table, format_) for format_ in facts.formats for table in facts.tables],
    }
    # an empty list is no list in the schema of packages
    kept = {name: value for name, value in descriptor.items() if value != []}
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def resource_name(facts: Facts, table: str, format_: Format) -> str:
    """Return the name of a table in one format; the first format's has the plain name."""
    return table if format_ == facts.formats[0] else f"{table}-{format_}"


def _resource(facts: Facts, table: Table, format_: Format) -> dict[str, Any]:
    file = facts.files[table.name, format_]
    resource: dict[str, Any] = {
        "name": resource_name(facts, table.name, format_),
        "title": table.name,
        "description": table.description,
        "path": file.name,
        "format": format_,
        "mediatype": _MEDIA[format_],
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "rowcount": file.rows,
    }
    if format_ == "parquet":
        # its types are in the file; frictionless reads it only where another library is installed
        return resource | {"profile": "data-resource", "type": "file"}
    if format_ == "jsonl" and not file.rows:
        # frictionless fails on a file of JSON Lines without a line
        return resource | {"profile": "data-resource", "type": "file"}
    resource |= {"profile": "tabular-data-resource", "type": "table", "encoding": "utf-8"}
    if format_ == "csv":
        resource["dialect"] = {"csv": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n"}}
    return resource | {"schema": _schema(facts, table, format_)}


def _schema(facts: Facts, table: Table, format_: Format) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column, table) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    # where the other table has no row, no value names one
    foreign = [(column, other) for column, other in table.foreign if facts.files[other, format_].rows]
    if foreign:
        first = {other.name: other.key[0] for other in facts.tables}
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {"resource": resource_name(facts, other, format_), "fields": [first[other]]},
            }
            for column, other in foreign
        ]
    return schema


def _field(column: Column, table: Table) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if table.key == (column.name,) or column.name in ("doc_id", "url_key"):
        constraints["unique"] = True
    if column.choices:
        constraints["enum"] = list(column.choices)
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "description": column.description,
    }
    return field | ({"constraints": constraints} if constraints else {})
