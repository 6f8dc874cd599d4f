"""GET /api/v1/limits."""

from __future__ import annotations

from fastapi import APIRouter, Request

from search_api.api.schema import Allowance, AllowedRate, AllowedRates
from search_api.web.access import rates_of, visitor
from search_api.web.limits import AT_ONCE, TITLES, Limits, read_rates
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1", tags=["status"])


@router.get("/limits", responses=problems(s503="档案暂时读不到"), summary="限额")
def limits(request: Request) -> AllowedRates:
    """每一类请求能问多少次、同时几个，还剩多少。超过的答 429，Retry-After 说几秒后再来。"""
    known, counting = visitor(request), request.app.state.limits
    assert isinstance(counting, Limits)
    if known.local:
        return AllowedRates(known_as=known.kind, scope="write", buckets=[])
    rates = rates_of(known, read_rates(app_state(request).settings.limits))
    return AllowedRates(
        known_as=known.kind,
        scope="write" if known.may_write else "read",
        buckets=[
            Allowance(
                name=bucket,
                title=TITLES[bucket],
                at_once=AT_ONCE[bucket],
                rates=[
                    AllowedRate(
                        requests=item.amount,
                        seconds=item.get_expiry(),
                        left_here=counting.left(bucket, item, known.counted_as),
                    )
                    for item in items
                ],
            )
            for bucket, items in rates.items()
        ],
    )
