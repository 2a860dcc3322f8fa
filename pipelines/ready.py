"""Loads what reading a page needs, model and dictionaries included, so that the nurse has it for all readers."""

from __future__ import annotations

from trafilatura import external

import pipelines.reading  # noqa: F401
from archive.search.analyser import indexed
from archive.search.shared import shared
from pipelines import extract, language
from pipelines.words import russian_forms

extract.warm_up()
shared()  # those who are forked share it
language.identify("Граждане проголосовали на референдуме по проекту новой Конституции. " * 4)
indexed("Азаматтар жаңа Конституция бойынша дауыс берді.\nГраждане голосовали.\nCitizens voted.", None)
# what topics are told by has a dictionary of its own: 17 MiB that each reader would load with its first page
russian_forms("голосовать")
# the stop words of a hundred languages, by which the thorough path tells text from menus: 30 MiB in each reader
external.jt_stoplist_init()
