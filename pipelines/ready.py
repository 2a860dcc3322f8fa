"""Loads what reading a page needs, model and dictionaries included, so that the nurse has it for all readers."""

from __future__ import annotations

import pipelines.reading  # noqa: F401
from archive.search.analyser import indexed
from archive.search.shared import shared
from pipelines import extract, language, stop_words
from pipelines.words import russian_forms

extract.warm_up()
shared()  # those who are forked share it
language.identify("Граждане проголосовали на референдуме по проекту новой Конституции. " * 4)
indexed("Азаматтар жаңа Конституция бойынша дауыс берді.\nГраждане голосовали.\nCitizens voted.", None)
# what topics are told by has a dictionary of its own: 17 MiB that each reader would load with its first page
russian_forms("голосовать")
# 30 MiB in each reader else, from its first page on that is read thoroughly
stop_words.keep()
