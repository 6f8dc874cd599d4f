"""Templates: one Jinja environment, escaping on, with the filters that write dates and numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from search_api import wording
from search_api.text import marked
from search_api.web.crawlers import unlisted
from search_api.wording import day, moment, money, seconds, size, thousands, web_address

FOLDER = Path(__file__).parents[1]
STATIC = FOLDER / "static"


@cache
def environment() -> Environment:
    """Templates are read once; an unknown name is an error, not a blank."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    for word in (thousands, day, moment, seconds, money, size, web_address):
        templates.filters[word.__name__] = word
    templates.filters["marked"] = marked
    templates.globals["static"] = static
    templates.globals["SORT_NAMES"] = wording.SORTS
    templates.globals["SMALL_BASE"] = wording.SMALL_BASE
    return templates


@cache
def static(name: str) -> str:
    """The address of a file in static/, with a mark that changes when the file does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page. `here` is the path asked for, by which the navigation knows where it stands."""
    known = getattr(request.state, "visitor", None)  # none where the gate itself refuses
    html = (
        environment()
        .get_template(template)
        .render(
            here=request.url.path,
            unlisted=unlisted(request.url.path, request.url.query) or status >= 400,
            entrance=known is not None and known.kind != "local",
            may_write=known is not None and known.may_write,
            **context,
        )
    )
    # Lone surrogates, from a broken page or a broken import, would otherwise be an error page.
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers)
