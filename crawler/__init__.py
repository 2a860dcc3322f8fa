"""Gets pages politely: entries are polled for links, links are fetched as pages, pages go down the pipelines."""
