"""Requests a response once more that broke off before its end, so that half a page or half a list is not taken for the whole."""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response


class TruncatedMiddleware:
    """Stands before the capture. Servers that count their bytes wrong are told by the same answer twice, and from then on taken as they are."""

    def __init__(self) -> None:
        self._miscounting: set[str] = set()  # hosts

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """The answer, or the request again. Raises ResponseDataLossError where the second answer broke off elsewhere."""
        host = request.url.split("/")[2]
        if "dataloss" not in response.flags or host in self._miscounting:
            return response
        if "cut_at" not in request.meta:
            return request.replace(dont_filter=True, meta={**request.meta, "cut_at": len(response.body)})
        if request.meta["cut_at"] != len(response.body):
            raise ResponseDataLossError
        self._miscounting.add(host)
        return response
