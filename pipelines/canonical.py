"""One address for one article: canonical spelling, identity, and when a page's own `rel=canonical` is believed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote, urljoin

from pipelines.address import Address, BadURL, parse
from pipelines.public_suffix import registered_name
from pipelines.tracking import is_tracking

__all__ = ["BadURL", "believe_canonical", "canonical_url", "registered_domain", "url_key"]

# fmt: off
LANGUAGE_LABELS = frozenset({
    "kk", "kz", "kaz", "qaz", "qz", "kazakh", "ru", "rus", "russian", "en", "eng", "english",
    "cn", "zh", "uz", "ar", "tr", "de", "fr", "ky", "kg", "tt", "uk",
})
# fmt: on
"""Host labels and first path segments by which outlets of Kazakhstan tell their language editions apart."""

# fmt: off
_IDENTIFYING = frozenset({
    "id", "p", "aid", "nid", "newsid", "news_id", "articleid", "article_id", "postid", "post_id", "page_id",
    "item", "story", "doc",
})
# fmt: on
"""Query parameters that say which article is meant (election.gov.kz has `?ID=` and nothing else)."""

_SESSION = re.compile(r"(?<=[^.]);(?:jsessionid|phpsessid|sid)=[^/;]*", re.I)
_PUNCTUATION = re.compile(r"%(?:21|24|27|28|29|2A|2C|3A|40|5B|5D|7C)")  # ! $ ' ( ) * , : @ [ ] |
_AMP_CACHES = {
    "cdn.ampproject.org": re.compile(r"/[civ]/(?P<s>s/)?(?P<rest>[^/]+\.[^/]+/.*)"),
    "www.google.com": re.compile(r"/amp/(?P<s>s/)?(?P<rest>[^/]+\.[^/]+/.*)"),
}
_AMP_ENDING = re.compile(r"(?<=[^./])\.amp(?=\.html?$|$)", re.I)


def canonical_url(url: str) -> str:
    """Return the one spelling of an article's address: normal form, no fragment, no tracking, no AMP.

    Parameters keep their order, an exact repetition is dropped; languages on their own hosts or paths stay apart.
    Raises BadURL for what is no absolute http(s) address.
    """
    return str(_canonical(url))


@lru_cache(maxsize=4_096)  # an article is asked for by the same address half a dozen times on its way
def url_key(url: str) -> str:
    """Return the identity of an article's address: two addresses with one key are one article.

    Beyond `canonical_url` it forgets the scheme, `www`, a closing slash, repeated slashes, `index.html` and
    `index.php`, the order of parameters, and whether punctuation is escaped. Raises BadURL as `canonical_url` does.
    """
    address = _canonical(url)
    host = re.sub(r"^www\d?\.(?=[^.]+\.)", "", address.netloc)
    path = re.sub(r"/{2,}", "/", address.path)
    path = _harmless(re.sub(r"/index\.(?:html?|php)$", "/", path, flags=re.I).rstrip("/"))
    query = "&".join(sorted(_harmless(address.query).replace("+", "%20").split("&"))) if address.query else ""
    return f"{host}{path}?{query}" if query else f"{host}{path}"


@lru_cache(maxsize=1024)
def registered_domain(url_or_host: str) -> str:
    """Return the domain a publisher registered: `zakon.kz` for `https://kaz.zakon.kz/a`; for an IP address itself.

    A loopback address comes with its port: local outlets differ by nothing else. A host that is a public suffix
    itself (`www.gov.kz`) is its own domain. Raises BadURL.
    """
    address = parse(url_or_host if "://" in url_or_host else f"http://{url_or_host}")
    bare = address.host.strip("[]")
    try:
        return address.netloc if ip_address(bare).is_loopback else address.host
    except ValueError:
        pass  # a name, not a number
    if bare == "localhost" or bare.endswith(".localhost"):
        return address.netloc
    return _domain_of_name(bare)


def believe_canonical(page_url: str, declared: str | None) -> str | None:
    """Return the canonical form of what a page declares by `rel=canonical`, or None when it is not believed.

    Believed only on the same registered domain, in the same language edition, and when it is neither a home page nor
    a section (a template that names the section on every article would merge them all into one). Raises BadURL when
    `page_url` is none; a broken declaration is merely not believed.
    """
    page = _canonical(page_url)
    if not declared or not declared.strip():
        return None
    try:
        target = _canonical(urljoin(page_url, declared.strip()))
        same_publisher = registered_domain(target.netloc) == registered_domain(page.netloc)
    except ValueError:  # BadURL is one, and so is what urljoin says to 'http://[::1'
        return None
    if not same_publisher or _is_home(target) or _other_language(page, target) or _is_section_of(page, target):
        return None
    return str(target)


@lru_cache(maxsize=256)  # a page's own address is asked for several times, and so is what it declares
def _canonical(url: str) -> Address:
    address, before = parse(url), None
    while address != before:  # undoing one disguise may bare another; each round but the last makes it shorter
        before = address
        address = _out_of_amp_cache(address)
        address = replace(
            address,
            host=_without_amp_host(address.host),
            path=_without_amp_path(_SESSION.sub("", address.path)),
            query=_clean_query(address.query),
        )
    return address


def _out_of_amp_cache(address: Address) -> Address:
    """Return the address that a copy in an AMP cache stands for: `a-kz.cdn.ampproject.org/c/s/a.kz/1` is `a.kz/1`."""
    pattern = _AMP_CACHES.get(address.host.removeprefix("www.").rpartition("cdn.ampproject.org")[1] or address.host)
    match = pattern.fullmatch(address.path) if pattern else None
    if match is None:
        return address
    try:
        inner = parse(f"{'https' if match['s'] else 'http'}://{match['rest']}")
    except BadURL:
        return address
    return replace(inner, query=address.query)


def _harmless(text: str) -> str:
    """Undo the escapes of punctuation that separates nothing: servers take `%2C` and `,` for the same."""
    return _PUNCTUATION.sub(lambda match: unquote(match[0]), text)


def _clean_query(query: str) -> str:
    kept: dict[str, None] = {}  # keeps the order, drops what is repeated
    for piece in query.split("&"):
        part = re.sub(r"^(?:amp;)+", "", piece)  # '&amp;' of HTML that nobody decoded
        name, _, value = part.partition("=")
        if part and not is_tracking(name) and not _is_amp_parameter(name.lower(), value.lower()):
            kept[part] = None
    return "&".join(kept)


def _is_amp_parameter(name: str, value: str) -> bool:
    return name == "amp" or (name in {"outputtype", "output", "output_type"} and value == "amp")


def _without_amp_path(path: str) -> str:
    """Undo `/amp`, `/amp/` anywhere in the path, and `.amp.html` and `.amp` at its end."""
    segments = [part for place, part in enumerate(path.split("/")) if place == 0 or part.lower() != "amp"]
    return _AMP_ENDING.sub("", "/".join(segments)) or "/"


def _without_amp_host(host: str) -> str:
    if not host.startswith(("amp.", "www.amp.")):
        return host
    rest = host.removeprefix("www.").removeprefix("amp.")
    registered = _domain_of_name(host) in {rest, _domain_of_name(rest)}
    return rest if registered else host  # else 'amp' is the registered name itself


def _domain_of_name(host: str) -> str:
    return registered_name(host.removeprefix("www."))


def _segments(address: Address) -> list[str]:
    return [segment for segment in address.path.split("/") if segment]


def _is_home(address: Address) -> bool:
    """Tell a home page, also of a language edition: no query and nothing but a language or an index in the path."""
    rest = [s for s in _segments(address) if not re.fullmatch(r"index\.(?:html?|php|aspx?)|home|main", s, re.I)]
    if rest and rest[0].lower() in LANGUAGE_LABELS:
        del rest[0]
    return not rest and not address.query


def _language(address: Address) -> tuple[str | None, str | None]:
    """Return the language labels of host and path, each or None."""
    label = address.host.removeprefix("www.").partition(".")[0]
    first = next(iter(_segments(address)), "").lower()
    return label if label in LANGUAGE_LABELS else None, first if first in LANGUAGE_LABELS else None


def _other_language(page: Address, target: Address) -> bool:
    """Tell whether the declared address belongs to another language edition than the page."""
    (page_host, page_path), (target_host, target_path) = _language(page), _language(target)
    if page_host != target_host:
        return True
    return bool(page_path and target_path and page_path != target_path)


def _is_section_of(page: Address, target: Address) -> bool:
    """Tell whether `target` is a listing above the page: its path a beginning of the page's, and no article's own.

    A declaration that drops the parameter which names the article is one too.
    """
    above, below = _segments(target), _segments(page)
    if below[: len(above)] != above:
        return False
    if len(above) == len(below):
        lost = {p.partition("=")[0].lower() for p in page.query.split("&")} - {
            p.partition("=")[0].lower() for p in target.query.split("&")
        }
        return bool(lost & _IDENTIFYING)
    last = above[-1] if above else ""
    return not re.search(r"\d{4}", last) and last.count("-") < 3
