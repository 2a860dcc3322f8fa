"""One page through the whole river with nothing stored: each field, where it came from, and what the topics say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from scrapy import Request
from scrapy.http import Response

from archive.clean import clean_line
from archive.records import Article
from archive.times import now
from crawler.answers import not_html, page_of
from crawler.reasons import reason_of
from crawler.source import Source
from crawler.visit import VisitSpider
from pipelines.extract import extract, warm_up
from pipelines.extract_command import as_json
from pipelines.topic_file import Topic
from pipelines.topics import Verdict, explain
from pipelines.worker import Poisoned, Worker

MAX_SHOWN = 200
"""Characters of one value."""
SHOWN_PARAGRAPHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one address. `failure` says why there is no article."""

    url: str
    answered_at: str | None = None
    status: int | None = None
    is_article_url: bool = False
    article: Article | None = None
    verdicts: tuple[Verdict, ...] = ()
    failure: str | None = None


class TrialSpider(VisitSpider):
    """Fetches one address as the crawl of its source would, reads it in a worker, leaves a Trial in `outcome`."""

    def __init__(
        self, *, source: Source, url: str, topics: tuple[Topic, ...], outcome: list[Trial], **more: object
    ) -> None:
        super().__init__(source.id, **more)
        self._source = source
        self._url = url
        self._topics = topics
        self._outcome = outcome

    async def visit(self) -> None:
        """Fetch and read."""
        request = Request(self._url, dont_filter=True, meta={"handle_httpstatus_all": True})
        try:
            response = await self.fetch(request)
        except Exception as error:  # whatever stands in the way is the answer to the user's question
            self._outcome.append(Trial(url=self._url, failure=reason_of(error)))
            return
        self._outcome.append(await self._read(response))

    async def _read(self, response: Response) -> Trial:
        found = Trial(
            url=self._url,
            answered_at=response.url,
            status=response.status,
            is_article_url=self._source.wants(response.url),
        )
        kind = not_html(response)
        if response.status != 200 or kind:
            return replace(
                found, failure=f"http {response.status}" if response.status != 200 else f"not a page: {kind}"
            )
        page = page_of(response, self._url, self._source, None, now())
        async with Worker(warm_up=warm_up) as worker:
            try:
                article = await worker.run(partial(extract, page, zone=self._source.timezone))
            except Poisoned as error:
                return replace(found, failure=str(error))
        published = article.published_at.date() if article.published_at else None
        verdicts = explain(self._topics, article.title, article.text, language=article.language, published=published)
        return replace(found, article=article, verdicts=verdicts)


def lines_of(trial: Trial) -> Iterator[str]:
    """Yield what a person reads; nothing that a page wrote reaches the terminal raw."""
    yield f"{clean_line(trial.url, MAX_SHOWN)}"
    if trial.answered_at and trial.answered_at != trial.url:
        yield f"  answered at    {clean_line(trial.answered_at, MAX_SHOWN)}"
    if trial.failure:
        yield f"  failed         {trial.failure}"
        return
    fits = "yes" if trial.is_article_url else "no: the source's patterns refuse it; only a feed could bring it"
    yield f"  is an article by its address: {fits}"
    if trial.article is not None:
        yield from _fields(trial.article)
        yield from (f"  ! {clean_line(note, MAX_SHOWN)}" for note in trial.article.notes)
    for verdict in trial.verdicts:
        yield from _verdict(verdict)


def _fields(article: Article) -> Iterator[str]:
    for name, value in as_json(article).items():
        if name in ("url", "text", "notes"):
            continue
        origin = article.provenance.get(name)
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        yield f"  {name:<20} {clean_line(str(shown or '-'), MAX_SHOWN)}" + (f"   ({origin})" if origin else "")
    if article.reserved:
        yield f"  {'reserved':<20} yes   ({article.reserved})"
    origin = article.provenance.get("text", "no text")
    yield f"  {'text':<20} {len(article.text.split()):,} words   ({origin})"
    for paragraph in article.text.splitlines()[:SHOWN_PARAGRAPHS]:
        yield f"      {clean_line(paragraph, MAX_SHOWN)}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    state = "matches" if verdict.matched else "does not match"
    off = "" if verdict.enabled else " (switched off)"
    yield f"  topic {verdict.topic_id}{off}: {state}; {verdict.reason}"
    if verdict.terms:
        yield "      " + ", ".join(f"{term} x{count}" for term, count in verdict.terms.items())
