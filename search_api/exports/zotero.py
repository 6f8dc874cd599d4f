"""What Zotero and its like read from a page: `citation_*` meta of an article, a COinS span of each entry of a list.

Written by the rules of Zotero's translators Embedded Metadata and COinS; tests/test_zotero.py says which.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from search_api.exports.citation import newspaper
from search_api.exports.record import Record, flat

# A context object is split at & and =, and a + in it is a space, escaped or not.
_TO_ESCAPE = re.compile(r"""[\x00-\x20"#%&'+<>=\\^`{|}\x7f]""")


def item_type(record: Record) -> str:
    """As Zotero calls it. Told outright, since whoever has a citation_title is taken for an article of a journal."""
    if record.article.kind == "forum":
        return "forumPost"
    return "newspaperArticle" if newspaper(record) else "webpage"


def meta_of(record: Record) -> list[tuple[str, str, str]]:
    """(attribute, name, content) of the meta elements of an article's page; what is unknown is left out."""
    language = {"hans": "zh-Hans", "hant": "zh-Hant"}.get(record.article.script or "", "zh")
    found = [("name", "z:itemType", item_type(record)), ("name", "citation_title", flat(record.title))]
    found += [("name", "citation_author", author) for author in record.authors]
    found += [
        ("name", "citation_publication_date", f"{record.published:%Y/%m/%d}" if record.published else ""),
        ("name", "citation_publisher", record.issuer),
        ("property", "og:site_name", newspaper(record) or record.issuer),
        ("name", "citation_language", language),
        ("name", "citation_public_url", record.url),
    ]
    return [one for one in found if one[2]]


def coins(record: Record) -> str:
    """The title of a span of class Z3988: the article as Dublin Core in an OpenURL context object (Z39.88-2004)."""
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", item_type(record)),
        ("rft.title", flat(record.title)),
        *(("rft.au", author) for author in record.authors),
        ("rft.date", record.published.isoformat() if record.published else ""),
        ("rft.source", newspaper(record) or record.issuer),
        ("rft.publisher", record.issuer),
        ("rft.language", "zh"),
    ]
    whole = [f"{name}={_escaped(value.replace('+', '＋'))}" for name, value in pairs if value]
    path, mark, query = record.url.partition("?")
    address = path.replace("+", "%2B") + mark + query.replace("+", "%20")  # the same address without a plus
    return "&".join([*whole, f"rft.identifier={_escaped(address)}"])


def _escaped(text: str) -> str:
    """Han characters stay as they are, which makes it a third as long."""
    return _TO_ESCAPE.sub(lambda found: quote(found[0], safe=""), text)
