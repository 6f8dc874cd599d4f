"""来源, author and editor: labelled values in the byline zone, what stands beside the date, meta tags, credits at the ends of the body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.extraction.metadata.credits import BRACKETED, REPORTER, Byline, credits, signed_off
from crawler.extraction.metadata.date_parsing import moments
from crawler.extraction.metadata.labels import (
    LABELS,
    ORIGIN_ANYWHERE,
    WRAPPING,
    could_publish,
    first_label,
    label_alone,
    origin_of,
    plain,
    values,
)
from crawler.extraction.metadata.people import is_organisation, is_person, names, names_nobody
from crawler.extraction.metadata.publication_date import json_ld
from crawler.extraction.page.lines import Frame, Node
from crawler.extraction.page.vocabulary import CLASS_BIT, LINE_BIT, line_bits

_SOURCE_CLASS = re.compile(r"^(?!.*(?:date|time|author|info)).*[\s_-](?:source|laiyuan|ly|from|origin)[\s_-]")
_AUTHOR_CLASS = re.compile(r"^(?!.*(?:avatar|info|list)).*(?:author|reporter)")
_REST_NOISE = re.compile(
    r"https?://\S+|(?:www\.)?[\w.-]+\.(?:com|cn|net|org|gov)\S*|[（(\[【][^）)\]】]{0,20}[）)\]】]|发布于\S*|\d+\s*(?:人参与|评论|阅读|次|赞)\S*|"
    r"(?:我要评论|我有话说|我来说两句|收藏本文|分享|打印|字号|字体|大|中|小|评论|阅读|浏览|关闭|更新|最后|于|楼主|发表|原创|同人连载|喜欢|北京时间)(?=\s|$|[:：\d])|\d+|[-—·.]{1,3}(?=\s|$)"
)
_SHORT = 40
_DATED = 3  # lines with a date that are asked who published
_LABEL_ONLY = 10  # characters of a line with a label and nothing else
_OTHER_WORDS = re.compile(r"点击|浏览|阅读|分享|打印|收藏|评论|字号|发布|来源$|作者$")
_CODES = re.compile(r"\s*[A-Z]{1,4}\d{2,5}\b.*$|\s*\d{2,}.*$")


def byline(frame: Frame, title: int, date: int, kept: list[bool], span: tuple[int, int], site: str | None) -> Byline:
    """来源, author and editor of a page. `title`, `date`: line numbers or -1; `kept`: lines of the body; `span`: its ends
    before cleaning; `site`: the publisher, which is no author."""
    found = Byline()
    body = [i for i, k in enumerate(kept) if k]
    zone = list(_zone(frame, title, date, body))
    foot = _foot(frame, body)
    inside = range(span[0], span[1] + 1)
    outside = [i for i in zone if i not in inside and (date < 0 or i <= date + 3)]
    for i in [*outside, *([date] if date >= 0 and not kept[date] else [])]:
        _labelled(frame, i, found, kept=kept, title=title)
    _from_metas(frame, found)
    _spans(frame, [i for i in zone if not kept[i] or len(frame.lines[i].text) <= _SHORT], found)
    above = body[0] if body else len(frame.lines)
    for n, i in enumerate(_dated(frame, [*([date] if date >= 0 else []), *(j for j in zone if not kept[j])])):
        if n == 0 or i < above:
            _beside_date(frame, [j for j in zone if not kept[j] or j == date], i, title=title, found=found)
    for i in zone:
        _labelled(frame, i, found, kept=kept, title=title)
    for i in foot:
        _labelled_below(frame, i, found)
    credits(frame, [i for i in zone if i not in inside and i > title], body, found)
    _late_metas(frame, [*zone, *foot], found, site)
    signed_off(frame, body, found)
    if found.author and found.author in (found.origin, site):
        found.author = None
        del found.provenance["author"]
    return found


def _zone(frame: Frame, title: int, date: int, body: list[int]) -> Iterator[int]:
    """Lines where a byline is looked for: after the title, around the date, at the beginning of the body."""
    n = len(frame.lines)
    first = body[0] if body else (title if title >= 0 else 0)
    spans = []
    if title >= 0:
        spans.append(range(title + 1, min(n, title + 14, max(first + 2, title + 6))))
        spans.append(range(max(0, title - 4), title))
    else:
        spans.append(range(max(0, first - 8), min(n, first + 3)))
    if date >= 0:
        spans.append(range(max(0, date - 2), min(n, date + 3)))
    spans.append(range(max(0, first - 4), min(n, first + 2)))
    seen: set[int] = set()
    for span in spans:
        for i in span:
            if i not in seen and len(frame.lines[i].text) <= 200:
                seen.add(i)
                yield i


def _foot(frame: Frame, body: list[int]) -> list[int]:
    """The last lines of the body and what follows it, last first within the body's end."""
    if not body:
        return []
    n = len(frame.lines)
    last = body[-1]
    lines = [*range(max(body[0] + 1, last - 5), min(n, last + 8))]
    return [i for i in lines if len(frame.lines[i].text) <= 200]


def _labelled(frame: Frame, i: int, found: Byline, *, kept: list[bool], title: int) -> None:
    """The labelled values of a line near the title; a value may stand in the element that follows its label."""
    line = frame.lines[i]
    text = line.text if kept[i] else line.fields
    alone = label_alone(text)
    pairs = ((alone, ""),) if alone else values(text)
    for n, (label, value) in enumerate(pairs):
        if (
            not value
            and label in ("origin", "author", "editor")
            and n == len(pairs) - 1
            and _ends_in_label(text, alone)
        ):
            value = _next_value(frame, i, kept, title, alone=len(pairs) == 1 and len(text) <= _LABEL_ONLY)
        if label == "author" and _is_speech(text, value):
            continue
        _set(found, label, value, "line", text)


def _labelled_below(frame: Frame, i: int, found: Byline) -> None:
    """The labelled values of a line at the end of the body, of a long one those in its last brackets."""
    text = frame.lines[i].text
    if len(text) > 80:
        if not BRACKETED.search(text):
            return
        text = text[_last_bracket(text) :]
    for label, value in values(text):
        if label != "author" or not _is_speech(text, value):
            _set(found, label, value, "tail", text)


def _is_speech(text: str, value: str) -> bool:
    """Whether a line gives what a reporter asked (记者：今年有哪些打法？) and not who he is."""
    return text.rstrip("”』」 ")[-1:] in "。？！；…" and not all(map(is_person, names(value, strict=False)))


def _ends_in_label(text: str, alone: str) -> bool:
    return bool(alone) or plain(text).rstrip(WRAPPING).endswith(("源", "者", "辑", "处", "人"))


def _next_value(frame: Frame, i: int, kept: list[bool], title: int, *, alone: bool) -> str:
    """The next line where it can be the value of the label that ends line `i`: another cell of the byline, nothing of title or body."""
    if i + 1 >= len(frame.lines) or kept[i] or kept[i + 1] or i + 1 == title:
        return ""
    text = frame.lines[i + 1].text
    if (
        len(text) > 30
        or re.search(r"[，。！？；]|[:：]\W*$", text)
        or first_label(text)
        or label_alone(text)
        or any(moments(text))
        or line_bits(text) & LINE_BIT["nav"]
    ):
        return ""
    value = text.strip(WRAPPING)
    return value if alone or could_publish(value) or is_person(value) else ""


def _set(found: Byline, label: str, value: str, where: str, text: str) -> None:
    if not value:
        return
    if label == "origin":
        found.set("origin", origin_of(value), f"{where}:来源", text)
    elif label == "author":
        people = names(value, strict=False)
        if people:
            found.set("author", " ".join(people), f"{where}:作者", text)
        elif is_organisation(value) and len(value) <= 20 and " " not in value and not names_nobody(value):
            found.set("author", value, f"{where}:作者", text)  # an office that says it wrote it
    elif label == "editor":
        found.set("editor", " ".join(names(_CODES.sub("", value), strict=False)), f"{where}:编辑", text)


def _last_bracket(text: str) -> int:
    return max(text.rfind("（"), text.rfind("("), 0)


def _spans(frame: Frame, zone: list[int], found: Byline) -> None:
    """Elements that say by their class that they hold the source or the author."""
    for text, node in _parts(frame, zone):
        if re.search(r"[:：，。]", text) or first_label(text) or any(moments(text)):
            continue
        words = f" {node.words} "
        if _SOURCE_CLASS.search(words) and not re.search(r"\d", text) and not _OTHER_WORDS.search(plain(text)):
            found.set("origin", origin_of(text), "class", text)
        elif node.bits & CLASS_BIT["person"] and _AUTHOR_CLASS.search(words):
            people = names(text, strict=False)
            if len(people) == 1 and len(people[0]) <= 12:
                found.set("author", people[0], "class", text)


def _parts(frame: Frame, zone: list[int]) -> Iterator[tuple[str, Node]]:
    """Short lines of the zone with the element that holds them, and the marked elements inside of lines."""
    for i in zone:
        line = frame.lines[i]
        node = frame.nodes[line.node]
        if len(line.text) > 120:
            continue
        for inner in frame.nodes[line.node + 1 : line.node + 9]:
            if inner.words and frame.is_below(inner.index, line.node):
                text = " ".join("".join(inner.element.itertext()).split())
                if 2 <= len(text) <= 30:
                    yield text, inner
        if len(line.text) <= 30 and node.words:
            yield line.text, node


def _dated(frame: Frame, lines: list[int]) -> list[int]:
    """The first of the lines that have a date."""
    return [i for i in dict.fromkeys(lines) if any(moments(frame.lines[i].fields))][:_DATED]


def _beside_date(frame: Frame, zone: list[int], line: int, *, title: int, found: Byline) -> None:
    """No label: what stands beside the date on its line, or alone on the line before or after it."""
    if len(frame.lines[line].text) > 120 or re.search("[。！？]", frame.lines[line].text):
        return
    text = frame.lines[line].fields
    spans = [(start, end) for _, _, start, end in moments(text)]
    labelled = bool(ORIGIN_ANYWHERE.search(text))
    if (reporter := REPORTER.search(plain(text))) and (
        people := names(text[reporter.start("names") : reporter.end("names")], strict=True)
    ):
        found.set("author", " ".join(people), "line:date", text)
        text = f"{text[: reporter.start()]} {text[reporter.end() :]}"
        spans = [(start, end) for _, _, start, end in moments(text)] or [(0, 0)]
    before, after = text[: spans[0][0]], text[spans[-1][1] :]
    if not labelled:
        for rest in (after, before):
            cut = first_label(rest)
            rest = _REST_NOISE.sub(" ", rest[: cut.start()] if cut else rest)
            tokens = [t.strip(WRAPPING) for t in re.split(r"[\s|｜]+", rest)]
            tokens = [t for t in tokens if 2 <= len(t) <= 24 and re.search(r"[\u3400-\u9fffA-Za-z]", t)]
            named = {t: names(t, strict=True) for t in tokens if not is_organisation(t)}
            people = [name for t in tokens for name in named.get(t, ())]
            others = [t for t in tokens if not named.get(t) and not re.search("[:：]", t)]
            if len(others) <= 2 and others and found.origin is None and _is_named(frame, line, others[0]):
                found.set("origin", origin_of(others[0]), "line:date", text)
            if people and (all(map(is_organisation, others)) or (len(others) == 1 and tokens[0] == others[0])):
                found.set("author", " ".join(people), "line:date", text)
            if others:
                break
    else:
        bracketed = re.search(
            r"[\[【]\s*([^\]】]{2,20}?)\s*[\]】]", before + after[: after.find("来源")] if "来源" in after else before
        )
        if bracketed and (people := names(bracketed[1], strict=True)):
            found.set("author", " ".join(people), "line:date", text)
    for i in (line - 1, line + 1):
        if i in zone and i != title and (title < 0 or frame.lines[i].text != frame.lines[title].text):
            alone = frame.lines[i].text.strip(WRAPPING)
            if 2 <= len(alone) <= 16 and found.origin is None and could_publish(alone) and i > title >= 0:
                found.set("origin", alone, "line:beside", frame.lines[i].text)
            elif title >= 0 and i == title + 1 == line - 1 and is_person(alone) and not frame.lines[i].linked:
                found.set("author", alone, "line:beside", frame.lines[i].text)


def _is_named(frame: Frame, line: int, text: str) -> bool:
    """Whether words on the line of the date name who published: by how they end, or as the only link beside the date."""
    is_link = frame.lines[line].linked == len(text) and not _OTHER_WORDS.search(plain(text))
    return could_publish(text) or (is_link and not re.search("[，。！？]", text))


def _from_metas(frame: Frame, found: Byline) -> None:
    """Meta tags of government and news systems."""
    for name in ("contentsource", "source", "article:source", "newssource"):
        value = frame.metas.get(name)
        if value:
            value = re.sub(rf"^\s*(?:{LABELS['origin']})\s*[:：]\s*", "", value)
            if not re.match(r"https?:|www\.", value) and re.search(r"[\u3400-\u9fffA-Za-z]", value):
                found.set("origin", origin_of(value), f"meta:{name}", value)
    value = frame.metas.get("author", "")
    people = names(value, strict=True)
    if people and " ".join(people) == " ".join(re.split(r"[\s、,，;；]+", value.strip())):
        found.set("author", " ".join(people), "meta:author", value)


def _late_metas(frame: Frame, near: list[int], found: Byline, site: str | None) -> None:
    """What is taken only where the page itself says nothing: machine fields that often hold the site's name. A pen name in meta
    counts where a line `near` the body shows it too: else it is as likely who built the site."""
    for item in json_ld(frame):
        author = item.get("author")
        if isinstance(author, dict) and author.get("@type") == "Organization":
            continue
        people = author if isinstance(author, list) else [author]
        listed = [p.get("name") if isinstance(p, dict) else p for p in people]
        good = [p for p in listed if isinstance(p, str) and 2 <= len(p) <= 20 and not is_organisation(p) and p != site]
        if good and "datePublished" in item:
            found.set("author", " ".join(good), "jsonld", str(author)[:120])
    value = frame.metas.get("author", "") or frame.metas.get("article:author", "")
    if (
        2 <= len(value) <= 16
        and not re.search(r"\d|http|@|[,，_]", value)
        and not is_organisation(value)
        and value != site
        and not re.search(r"网|公司|admin", value)
        and any(value in frame.lines[i].text for i in near)
    ):
        found.set("author", value, "meta:author", value)


def site_name(frame: Frame) -> tuple[str, str] | None:
    """(the site's name, where it was read): og:site_name, else the last part of <title> where that is how sites name themselves."""
    from crawler.extraction.metadata.title import names_site, segments

    for name in ("og:site_name", "sitename", "application-name"):
        if value := frame.metas.get(name):
            return value, f"meta:{name}"
    parts = segments(frame.title)
    if len(parts) > 1 and names_site(parts[-1]):
        return parts[-1], "title"
    return None
