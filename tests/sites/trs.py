"""TRS WCM: static lists whose pager is createPageHTML, counted from 0 or from 1, and the JSON twin of a search list."""

from __future__ import annotations

import json
import re

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell


class TrsSite(Site):
    """`from_one`: createPageHTML('page_div', …) with page 2 at index_2.html; otherwise page 2 is index_1.html."""

    start = "/zwgk/zsdt/index.html"

    def __init__(self, articles: int = 37, *, from_one: bool = False) -> None:
        super().__init__(articles)
        self.from_one = from_one

    def address(self, piece: Piece) -> str:
        return f"/zwgk/zsdt/{piece.day:%Y%m}/t{piece.day:%Y%m%d}_{800000 + piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        found = re.fullmatch(r"/zwgk/zsdt/(?:index(?:_(\d+))?\.html)?", asked.path)
        if not found:
            return None
        number = int(found[1]) if found[1] and self.from_one else int(found[1]) + 1 if found[1] else 1
        if number > self.count or (found[1] and number < 2):
            return None
        rows = "".join(
            f'<li><a href="./{p.day:%Y%m}/t{p.day:%Y%m%d}_{800000 + p.number}.html" target="_blank" title="{p.title}">{p.title[:14]}...</a><span>{p.day}</span></li>'
            for p in self.part(number)
        )
        call = (
            f"createPageHTML('page_div',{self.count},{number},'index','html',{len(self.pieces)});"
            if self.from_one
            else f'createPageHTML({self.count}, {number - 1}, "index", "html");'
        )
        code = f'<script type="text/javascript">\nfunction createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){{ if(_nPageCount == null || _nPageCount<=1){{ return; }} }}\n{call}\n</script>'
        return Answer(
            shell(
                f'<div class="list-right"><ul class="list">{rows}</ul><div id="page_div" class="page">{code}</div></div>'
            )
        )


class TrsSearchSite(TrsSite):
    """The column's HTML has an empty list; its script asks search/<id>?_isJson=true&page=n, counted from 1."""

    start = "/zwgk/zsdt/index.html"
    channel = "/common/search/" + "5ad7f285c40d4f47" * 2

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == self.start:
            code = f'<script>$.get("{self.channel}?_isAgg=true&_isJson=true&_pageSize=10&page=1", show);</script>'
            return Answer(shell(f'<div class="list-right"><ul id="list"></ul>{code}</div>'))
        if asked.path != self.channel or asked.query.get("_isJson") != "true":
            return None
        number, size = int(asked.query.get("page", "1")), int(asked.query.get("_pageSize", "20"))
        shown = self.pieces[(number - 1) * size : number * size]
        rows = [
            {
                "title": p.title,
                "url": self.url + self.address(p),
                "publishedTimeStr": f"{p.day} 09:30:00",
                "content": p.paragraphs[0],
            }
            for p in shown
        ]
        return Answer(
            json.dumps(
                {"code": 200, "data": {"page": number, "rows": size, "total": len(self.pieces), "results": rows}}
            ),
            type="application/json",
        )
