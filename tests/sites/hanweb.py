"""Hanweb: jpage, whose first group of three pages stands in the column's page, and JPaaS."""

from __future__ import annotations

import json

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell


class JpageSite(Site):
    """`overlap`: the data proxy begins each group that many records early, as callers that count from 0 see it."""

    start = "/col/col2045/index.html"
    per_page = 5

    def __init__(self, articles: int = 37, *, overlap: int = 0) -> None:
        super().__init__(articles)
        self.overlap = overlap

    def address(self, piece: Piece) -> str:
        return f"/art/{piece.day.year}/{piece.day.month}/{piece.day.day}/art_2045_{900000 + piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == self.start:
            group = f'<script type="text/xml"><datastore>\n<nextgroup><![CDATA[]]></nextgroup>\n{self._records(1, 3 * self.per_page)}</datastore></script>'
            code = (
                f'<script>var param_6612={{"col":1,"appid":1,"webid":18,"path":"/","columnid":2045,"sourceContentType":1,"unitid":"6612","webname":"示例市投资促进局","permissiontype":0}};'
                f'$("#6612").jpage({{dataStore:$("#6612"),totalRecord:{len(self.pieces)},proxyUrl:"/module/web/jpage/dataproxy.jsp",perPage:{self.per_page},ajaxParam:param_6612}});</script>'
            )
            return Answer(shell(f'<div class="list"><div id="6612">{group}</div>{code}</div>'))
        if asked.path != "/module/web/jpage/dataproxy.jsp":
            return None
        fields = {**asked.query, **asked.form}
        if fields.get("columnid") != "2045" or fields.get("unitid") != "6612":
            return Answer("<datastore></datastore>", type="text/xml; charset=utf-8")
        start, end = int(fields["startrecord"]), int(fields["endrecord"])
        body = f"<datastore><totalrecord>{len(self.pieces)}</totalrecord>{self._records(max(start - self.overlap, 1), end)}</datastore>"
        return Answer(body, type="text/xml; charset=utf-8")

    def _records(self, start: int, end: int) -> str:
        rows = ""
        for i, p in enumerate(self.pieces[start - 1 : end]):
            link = (
                f"href='{self.address(p)}' title='{p.title}' target='_blank'"
                if i % 2
                else f'title="{p.title}" target="_blank" href="{self.address(p)}"'
            )
            rows += f"<record><![CDATA[<li><a {link}>{p.title[:12]}…</a><span class='bt-date'>{p.day}</span></li>]]></record>\n"
        return f"<recordset>{rows}</recordset>"


class JpaasSite(Site):
    """Units of HTML inside JSON; without paramJson, or with a broken one, the answer is always page 1.

    `deaf`: it is page 1 whatever is asked. `tag`: the tag that the interface knows, where that is not the one in the page.
    """

    start = "/tzcj/zsdt/index.html"

    def __init__(self, articles: int = 37, *, deaf: bool = False, tag: str = "分页列表") -> None:
        super().__init__(articles)
        self.deaf, self.tag = deaf, tag

    unit = "/api-gateway/jpaas-publish-server/front/page/build/unit"

    def address(self, piece: Piece) -> str:
        return f"/art/{piece.day.year}/art_{piece.number:032x}.html"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == self.start:
            data = "{'parseType':'bulidstatic','webId':'52','tplSetId':'MsPkwMwl','pageType':'column','tagId':'分页列表','editType':'null','pageId':'1638'}"
            menu = data.replace("分页列表", "导航")
            return Answer(
                shell(
                    f'<script parseType="bulidstatic" url="{self.unit}" queryData="{menu}"></script><div class="list"><script parseType="bulidstatic" url="{self.unit}" queryData="{data}"></script></div>'
                )
            )
        if asked.path != self.unit:
            return None
        if asked.query.get("tagId") != self.tag or asked.query.get("pageId") != "1638":
            return Answer(
                json.dumps({"success": True, "code": "200", "data": {"html": "模板内容数据为空"}}),
                type="application/json",
            )
        given = {} if self.deaf else json.loads(asked.query.get("paramJson") or "{}")
        number, size = int(given.get("pageNo", 1)), int(given.get("pageSize", self.per_page))
        rows = "".join(
            f'<li><a href="{self.address(p)}" title="{p.title}">{p.title}</a><span>{p.day}</span></li>'
            for p in self.pieces[(number - 1) * size : number * size]
        )
        pager = f"<div id=\"pg\" class=\"pagination\" queryData=\"{{'rows':'{size}','count':'{len(self.pieces)}','pageNo':'{number}'}}\"></div>"
        return Answer(
            json.dumps(
                {
                    "success": True,
                    "code": "200",
                    "data": {"html": f'<div class="page-content"><ul>{rows}</ul></div>{pager}'},
                }
            ),
            type="application/json",
        )
