"""Describes a package for machine learning tools: `croissant.json` (MLCommons Croissant 1.0)."""

from __future__ import annotations

import json
from typing import Any

from archive.export.facts import Facts
from archive.export.tables import DATE_OR_TIME, Kind, Table
from archive.export.writers import Format

NAME = "croissant.json"
LICENSE = "The texts belong to their publishers. What else the package holds are facts."
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context of the specification, word for word."""
_ENCODING: dict[Format, str] = {
    "csv": "text/csv",
    "jsonl": "application/jsonlines",
    "parquet": "application/x-parquet",
}
_TYPES: dict[Kind, str] = {
    "string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "datetime": "sc:DateTime", "date": "sc:Date",
    "list": "sc:Text", "json": "sc:Text",
}  # fmt: skip
_PREFERRED: tuple[Format, ...] = ("parquet", "csv", "jsonl")
"""The records are read from the format that the tools read best."""


def croissant(facts: Facts) -> str:
    """Return the description as JSON-LD: every file, and the tables in one format as record sets."""
    read = next(format_ for format_ in _PREFERRED if format_ in facts.formats)
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "dauys-export",
        "description": facts.description,
        "alternateName": facts.title,
        "creator": [{"@type": "sc:Organization", "name": author} for author in facts.authors],
        "citeAs": f"{', '.join(facts.authors)}: {facts.title}, version {facts.version}",
        "datePublished": facts.selected.as_of,
        "license": LICENSE,
        "url": "https://github.com/mlcommons/croissant",
        "version": facts.version,
        "isLiveDataset": False,
        "distribution": [_file(facts, table, format_) for format_ in facts.formats for table in facts.tables],
        "recordSet": [_records(table, read) for table in facts.tables if facts.files[table.name, read].rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _file(facts: Facts, table: Table, format_: Format) -> dict[str, Any]:
    file = facts.files[table.name, format_]
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "description": table.description,
        "contentSize": f"{file.size} B",
        "contentUrl": file.name,
        "encodingFormat": _ENCODING[format_],
        "sha256": file.sha256,
    }


def _records(table: Table, format_: Format) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{column.name}",
                "name": column.name,
                "description": column.description,
                "dataType": "sc:DateTime" if column.name in DATE_OR_TIME else _TYPES[column.kind],
                "source": {"fileObject": {"@id": f"{table.name}.{format_}"}, "extract": {"column": column.name}},
            }
            | ({"repeated": True} if column.kind == "list" and format_ != "csv" else {})
            for column in table.columns
            # the tools have no type for a JSON object in JSON Lines
            if column.kind != "json" or format_ != "jsonl"
        ],
    }
