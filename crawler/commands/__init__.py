"""Scrapy commands of this project, one a module: check-sources, probe, try-url, hydrate.

Scrapy names a command after the module that defines its class (`_get_commands_from_module` in scrapy/cmdline.py), and
so a module here is named as the user types it, dash included: `check-sources.py`. Such a module cannot be written in
an import statement, which keeps it what it should be: options, printing, exit code. The work is done by an importable
module beside it (`crawler/sources.py`); tests reach the command through `scrapy.cmdline.execute`, or its module through
`importlib.import_module("crawler.commands.check-sources")`. No module here may hold a base class of commands: Scrapy
would take it for a command.
"""
