"""Boda Visual SiteBuilder: zsdt.htm is page 1, zsdt/<count-1>.htm page 2, zsdt/1.htm the last; every address shifts when a page is added."""

from __future__ import annotations

import re

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell


class BodaSite(Site):
    start = "/xwzx/zsdt.htm"

    def address(self, piece: Piece) -> str:
        return f"/info/1024/{5000 + piece.number}.htm"

    def page(self, asked: Asked) -> Answer | None:
        found = re.fullmatch(r"/xwzx/zsdt(?:/(\d+))?\.htm", asked.path)
        if not found or (found[1] and not 1 <= int(found[1]) < self.count):
            return None
        number = self.count - int(found[1]) + 1 if found[1] else 1
        up = "../" if found[1] else ""
        rows = "".join(
            f'<li id="line_u7_{i}"><a href="{up}../info/1024/{5000 + p.number}.htm" title="{p.title}">{p.title[:16]}...</a><span>{p.day:%Y/%m/%d}</span></li>'
            for i, p in enumerate(self.part(number))
        )
        following = (
            f'<a href="{"" if found[1] else "zsdt/"}{self.count - number}.htm" class="Next">下页</a>'
            if number < self.count
            else '<span class="NextDisabled">下页</span>'
        )
        before = (
            '<span class="PrevDisabled">上页</span>'
            if number == 1
            else f'<a href="{"../zsdt" if number == 2 else self.count - number + 2}.htm" class="Prev">上页</a>'
        )
        pager = f'<div class="pb_sys_common"><span>共{len(self.pieces)}条</span><span>{number}/{self.count}</span>{before}{following}</div>'
        head = "<!--Announced by Visual SiteBuilder 9--><script src='/system/resource/js/dynclicks.js'></script>"
        return Answer(shell(f'<div class="list"><ul class="newslist">{rows}</ul>{pager}</div>', head=head))
