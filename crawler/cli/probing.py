"""`zhaoshang sources probe, add, discover, check`: the verbs that send a few requests to a site."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from crawler.cli.selection import JSON, KIND, NAMES, REGION, open_registry, select
from crawler.terminal import Refusal, err, out, print_json, step

if TYPE_CHECKING:
    from crawler.probing.probe import Probe

_LABELS = {
    "name": "名称（小写字母、数字和 -）",
    "title": "标题",
    "kind": "类别（government、news、forum）",
    "region": "地区（名称或六位代码）",
}


def probe(url: str = typer.Argument(..., help="列表页、订阅源或首页的网址"), as_json: bool = JSON) -> None:
    """看一个网址是什么：发布系统、条目、下一页、第一篇文章、robots，以及 add 会写的 TOML。

    最多四次礼貌的请求。
    """
    from crawler.configuration import settings
    from crawler.probing.probe import probe as probe_url

    with step("探测") as bar:
        found = probe_url(url, settings(), progress=bar.note)
    if as_json:
        print_json(found.to_json())
    else:
        for line in found.lines():
            out.print(line, markup=False)
    if found.status != "verified":
        raise typer.Exit(1)
    if known := _known(found.draft["start_urls"]):
        err.print(known, markup=False)


def add(
    url: str = typer.Argument(..., help="列表页或订阅源的网址"),
    name: str | None = typer.Option(None, "--name", help="来源的名称（小写字母、数字和 -）；默认取自主机名"),
    title: str | None = typer.Option(None, "--title", help="来源的标题"),
    kind: str | None = typer.Option(None, "--kind", help="government、news 或 forum"),
    region: str | None = typer.Option(None, "--region", help="地区名称或行政区划代码"),
    yes: bool = typer.Option(False, "--yes", "-y", help="不询问，用猜到的值"),
) -> None:
    """探测一个网址，写出它的 TOML 并启用。"""
    from crawler.configuration import settings
    from crawler.probing.probe import probe as probe_url
    from crawler.sources.source_status import STATUS_NAMES
    from crawler.web.fetcher import address

    given = {"name": name, "title": title, "kind": kind, "region": region}
    known = {key: _checked(key, value) for key, value in given.items() if value is not None}
    _not_twice([address(url)])
    with step("探测") as bar:
        found = probe_url(url, settings(), progress=bar.note)
    if found.status != "verified":
        raise Refusal(f"没有写入：{STATUS_NAMES[found.status]}（{found.said}）：{found.url}。{found.advice}")
    err.print(_summary(found), markup=False)
    if found.led_to:
        err.print(f"这个网址转向 {found.led_to}，写入的是后者；请看是不是要的那个栏目", markup=False)
    if found.advice:
        err.print(found.advice, markup=False)
    if found.alike and region is None:
        from crawler.sources.place_names import unsure_of

        err.print(f"地区：{unsure_of(found.alike)}", markup=False)
    draft = dict(found.draft) | known
    if name is None:
        draft["name"] = _free_name(draft)
    if not yes:
        for key in (key for key in given if key not in known):
            draft[key] = _asked(key, str(draft.get(key) or ""))
    _write(draft, found.toml(draft))


def _summary(found: Probe) -> str:
    """What the operator should know before answering."""
    listed = f"{len(found.entries)} 条" if found.entries else f"{len(found.lists)} 个下级列表"
    first = f"；第一条：{found.entries[0][0]}" if found.entries else ""
    return f"{found.platform}，{listed}，下一页：{found.next_page or '没有'}{first}"


def _asked(key: str, guess: str) -> str:
    """The operator's answer; asks again until it can be used. Raises Refusal where nobody answers."""
    from crawler.sources.regions import region_name

    while True:
        try:
            label = f"{_LABELS[key]}，猜是{region_name(guess)}" if key == "region" and guess else _LABELS[key]
            answer = typer.prompt(label, default=guess or None, err=True)
        except typer.Abort:
            if sys.stdin.isatty():
                err.print()
                err.print("没有写入。")
                raise typer.Exit(130) from None
            raise Refusal("没有写入：没有人回答。脚本里加 --yes，用猜到的值") from None
        try:
            return _checked(key, str(answer))
        except Refusal as refusal:
            err.print(str(refusal), markup=False)


def _checked(key: str, value: str) -> str:
    """A value that a source may have. Raises Refusal."""
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from crawler.sources.kinds import KIND_NAMES
    from crawler.sources.place_names import one_place

    if key == "region":
        return one_place(value)
    if key == "name":
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,79}", value):
            raise Refusal(f"名称应由小写字母、数字和 - _ . 组成，至多 80 个，而不是 {value!r}")
        if value in load_registry(settings()):
            raise Refusal(f"已有名为 {value!r} 的来源；另取一个名称")
    if key == "title" and not value.strip():
        raise Refusal("标题不能是空的")
    if key == "kind" and value not in KIND_NAMES:
        raise Refusal(f"类别应为 government、news 或 forum，而不是 {value!r}")
    return value


def _free_name(draft: Mapping[str, Any]) -> str:
    """The name that was made for a source, or the next one like it that no other list has."""
    from crawler.configuration import settings
    from crawler.probing.source_template import free_name
    from crawler.sources import load_registry

    return free_name(str(draft["name"]), draft["start_urls"][0], load_registry(settings()))


def discover(
    home: str | None = typer.Argument(None, help="门户网站首页的网址；不写则列出还没有看过的首页"),
    region: str | None = typer.Option(
        None, "--region", help="不写首页时：只列某地的（名称、简称、拼音或行政区划代码）"
    ),
    number: int | None = typer.Option(None, "--add", min=1, help="写入并启用第几个栏目"),
    as_json: bool = JSON,
) -> None:
    """读一个门户的首页和网站地图，找出像招商动态、投资促进、商务动态、新闻的栏目，给出 TOML。

    最多十二次礼貌的请求；只会旧 TLS 的、由脚本写出的，与 probe 一样处理，用浏览器时另加脚本和数据的请求。
    """
    from crawler.configuration import settings
    from crawler.probing.discover import discover as discover_columns
    from crawler.probing.probe import Probe

    if home is None:
        if number is not None:
            raise Refusal("--add 要写首页的网址")
        _list_candidates(region, as_json)
        return
    with step("寻找栏目") as bar:
        found = discover_columns(home, settings(), progress=bar.note)
    if as_json:
        print_json(found.to_json())
    else:
        for n, c in enumerate(found.candidates, 1):
            out.print(f"{n}. {c.title}（{c.why}；{c.platform}，{c.entries} 条，{c.dated} 条有日期）", markup=False)
            out.print(Probe.toml(c.draft), markup=False)
        for url, title, why in found.passed:
            err.print(f"略过 {title}（{url}）：{why}", markup=False)
        err.print(f"{found.requests} 次请求；{found.columns} 个栏目名称相近，读出 {len(found.candidates)} 个列表")
    if not found.candidates:
        raise Refusal(f"{found.home} 上没有找到能读的栏目；在浏览器里打开栏目，把它的网址给 zhaoshang sources add")
    if number is None:
        if not as_json:
            err.print(f"写入并启用其中一个：zhaoshang sources discover {found.home} --add 1")
        return
    if number > len(found.candidates):
        raise Refusal(f"没有第 {number} 个栏目；共读出 {len(found.candidates)} 个")
    draft = dict(found.candidates[number - 1].draft)
    draft["name"] = _free_name(draft)
    _write(draft, Probe.toml(draft))


def _list_candidates(region: str | None, as_json: bool) -> None:
    """Home pages (and county lists) that were seen in public documents and that nobody looked through yet."""
    from crawler.sources import regions
    from crawler.sources.candidates import candidates

    places = regions.find(region) if region else []
    if region and not places:
        raise Refusal(f"没有名为 {region!r} 的地区；可写名称、简称、拼音或六位代码，如 湖南、changsha、430100")
    chosen = [c for c in candidates() if not places or any(regions.is_within(c.region, p.adcode) for p in places)]
    if as_json:
        print_json([c._asdict() for c in chosen])
        return
    for c in chosen:
        out.print(f"{'首页' if c.what == 'home' else '列表'}  {c.title}  {c.url}", markup=False)
    err.print(f"{len(chosen)} 个候选。首页：zhaoshang sources discover 网址；列表：zhaoshang sources add 网址")


def _not_twice(urls: Sequence[str]) -> None:
    """Raises Refusal where a source has one of these lists already."""
    if known := _known(urls):
        raise Refusal(known)


def _known(urls: Sequence[str]) -> str:
    """In words, which source has one of these lists already; '' where none has."""
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from crawler.sources.lint import list_key

    keys = {list_key(url) for url in urls}
    double = next((s for s in load_registry(settings()).values() if keys & set(map(list_key, s.start_urls))), None)
    if double is None:
        return ""
    with Archive.open(settings()) as archive:
        on = archive.frontier.source_state(double.name).enabled
    what = (
        f"已启用，看看它：zhaoshang sources show {double.name}"
        if on
        else f"启用它：zhaoshang sources enable {double.name}"
    )
    return f"这个列表已在来源 {double.name!r} 里；{what}"


def _write(draft: Mapping[str, Any], text: str) -> None:
    """Writes a source's file into the user's folder and enables it. Raises Refusal where its list is another's already, or the name."""
    from crawler.configuration import settings
    from crawler.sources import own_folder, parse_source
    from crawler.sources.kinds import kind_name
    from crawler.sources.regions import region_name

    folder = own_folder(settings())
    path = folder / f"{draft['name']}.toml"
    source = parse_source(dict(draft), path)
    _not_twice(source.start_urls)
    registry, archive = open_registry()
    with archive:
        if source.name in registry:
            raise Refusal(f"已有名为 {source.name!r} 的来源；用 --name 另取一个名称")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        archive.frontier.set_source(source.name, enabled=True)
    err.print(f"{source.title}：{kind_name(source.kind)}，{region_name(source.region)}", markup=False)
    err.print(f"已写入 {path} 并启用；今晚的 nightly 会采集它，现在就采：zhaoshang crawl {source.name}", markup=False)


def check(
    names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND, as_json: bool = JSON
) -> None:
    """礼貌地访问起始网址，说出与从前相比有何变化；不写名称则检查已启用的。"""
    from crawler.configuration import settings
    from crawler.probing.probe import check as check_source

    registry, archive = open_registry()
    with archive:
        chosen = select(names, region, kind, registry)
        if not (names or region or kind):
            chosen = [s for s in chosen if archive.frontier.source_state(s.name).enabled]
        if not chosen:
            raise Refusal("没有要检查的来源；写名称，或先启用一些：zhaoshang sources enable 名称")
        results = []
        with step("检查", len(chosen)) as bar:
            for n, source in enumerate(chosen, 1):
                bar.note(source.name)
                results.append(check_source(source, archive, settings()))
                bar.update(n)
    if as_json:
        print_json([r.to_json() for r in results])
    else:
        for r in results:
            out.print(r.line(), markup=False)
    if any(not r.ok for r in results):
        raise typer.Exit(1)
