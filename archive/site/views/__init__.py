"""The site's own pages: each view reads a request, asks a query module and fills a template."""
