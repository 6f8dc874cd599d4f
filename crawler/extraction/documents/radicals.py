"""Radicals back to characters: a PDF may name a glyph by the radical that looks like the character (⼈⺠ for 人民)."""

from __future__ import annotations

import unicodedata

# CJK Radicals Supplement, whose signs have no compatibility mapping, as far as they look like a whole character (EquivalentUnifiedIdeograph.txt)
_SUPPLEMENT = (
    "⺁厂⺅亻⺆冂⺈刀⺊卜⺌小⺎兀⺏尣⺒巳⺓幺⺔彑⺖忄⺗心⺘扌⺙攵⺛旡⺝月⺟母⺠民⺡氵⺢水⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺪疋⺬示⺭礻⺮竹⺯糸⺰纟⺱网⺲罒"
    "⺳网⺴网⺶羊⺷羊⺸羊⺹耂⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨"
    "⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龟⻲亀"
)
_CHARACTERS = {ord(r): c for r, c in zip(_SUPPLEMENT[::2], _SUPPLEMENT[1::2], strict=True)}
_CHARACTERS |= {
    code: folded
    for code in (*range(0x2E80, 0x2FE0), *range(0xFB00, 0xFB07))  # also Latin ligatures
    if code not in _CHARACTERS and (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}


def without_radicals(text: str) -> str:
    """The text with characters in the place of radicals and ligatures; all else as it is."""
    return text.translate(_CHARACTERS)
