"""Parameters that an address of the API does not know are refused: a program that misspells one would get another set than it asked for, and not see it."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from fastapi import Request
from fastapi.routing import APIRoute

from search_api.web.error_handlers import Problem
from search_api.web.problem_document import Fault

_LEAST_ALIKE = 0.6  # of difflib's ratio


def refuse_undeclared(request: Request) -> None:
    """A dependency: only the query parameters that the route declares. Raises Problem 422."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    refuse_unknown(request, [field.alias for field in route.dependant.query_params])


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raises Problem 422 that names each parameter that is not known, and the known one that is most like it."""
    faults = [
        Fault(name=name[:40], where="query", reason=_told(name[:40], known))
        for name in dict.fromkeys(request.query_params)
        if name not in known
    ]
    if faults:
        raise Problem(422, "；".join(f.reason for f in faults[:5]), kind="unknown-parameters", faults=faults[:5])


def _told(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    if near:
        return f"没有 {name} 这个参数，是不是 {near}？"
    return f"没有 {name} 这个参数；可用：{'、'.join(known)}。" if known else f"没有 {name} 这个参数，这里不用参数。"


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is most like it, or of which it is the beginning, or the other way round; '' for none."""
    plain = name.strip().lower()
    alike = get_close_matches(plain, known, 1, _LEAST_ALIKE)
    begun = [one for one in known if plain and (one.startswith(plain) or plain.startswith(one))]
    return alike[0] if alike else max(begun, key=len, default="")
