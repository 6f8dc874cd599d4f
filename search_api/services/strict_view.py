"""A search as a program asks for it: nothing that it says is passed over."""

from __future__ import annotations

from fastapi import Request

from search_api.parameters import View, unread, view_names
from search_api.web.error_handlers import unreadable
from search_api.web.known_parameters import refuse_unknown


def strict_view(request: Request, *more: str) -> View:
    """What is asked for; `more` parameters are for others to read. Raises Problem 422 for a parameter that is not known and a condition that cannot be read: without it, a program would get another set than it asked for, and not see it."""
    refuse_unknown(request, (*view_names(), *more))
    for name, text in unread(request.query_params):
        raise unreadable(name, text)
    return View.read(request.query_params)
