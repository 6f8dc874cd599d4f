"""ucap's gkmlpt directory: JSON of a department; some departments answer 404 from page 2 whatever the total says."""

from __future__ import annotations

import json
import re

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell

TREE = '[{"id":3,"name":"机构职能","children":[]},{"id":5,"name":"业务工作","children":[{"id":7,"name":"招商动态","children":null},{"id":8,"name":"招考信息"}]}]'


class UcapSite(Site):
    """`broken`: 404 from page 2, so that only the newest page can be had."""

    start = "/tzcjj/gkmlpt/api/all/0?page=1&sid=755031"

    def __init__(self, articles: int = 37, *, broken: bool = False) -> None:
        super().__init__(articles)
        self.broken = broken

    def home(self) -> str:
        return shell("<div class='box'><a href='/tzcjj/gkmlpt/index'>政府信息公开目录</a></div>", title="首页")

    def address(self, piece: Piece) -> str:
        return f"/tzcjj/gkmlpt/content/10/{piece.number % 100}/post_{10000 + piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == "/tzcjj/gkmlpt/index":
            return Answer(
                "<!DOCTYPE html><html><body><div id='app'></div><script>window._CONFIG = { PATH: '/tzcjj', SID: '755031', TREE: "
                + TREE
                + " };</script></body></html>"
            )
        if not re.fullmatch(r"/tzcjj/gkmlpt/api/all/\d+", asked.path) or asked.query.get("sid") != "755031":
            return None
        number = int(asked.query.get("page", "1"))
        if self.broken and number > 1:
            return None
        rows = [
            {
                "id": 10000 + p.number,
                "title": p.title,
                "url": self.url + self.address(p),
                "display_publish_time": f"{p.day} 10:00:00",
                "publisher": "示例市投资促进局",
            }
            for p in self.part(number)
        ]
        return Answer(
            json.dumps({"articles": rows, "total": len(self.pieces), "page": number}), type="application/json"
        )
