"""Verbs `notify add`, `list`, `test`, `remove`, `send` and `again`."""

from __future__ import annotations

import sys

import typer
from rich.table import Table
from rich.text import Text

from crawler.terminal import Refusal, err, minute, out, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="通知：夜里有变化时发到邮箱、webhook、企业微信、飞书、钉钉、ntfy 等；发不出的留着再发。",
)
LONGEST_NAME = 40
STATE_NAMES = {
    "waiting": "等着再发",
    "sending": "正在发",
    "sent": "已送到",
    "unsure": "不知是否送到",
    "given_up": "不再试",
}


@app.command()
def add(
    name: str = typer.Argument(..., help="叫什么，如 值班 或 群"),
    address: str = typer.Argument(
        ...,
        help="邮箱；企业微信群机器人、飞书、钉钉机器人的网址；https:// 的 webhook；或 Apprise 的地址（ntfys://主题 等）。- 从标准输入读",
    ),
    always: bool = typer.Option(False, "--always", help="每夜都发；不写则只在有变化时发"),
) -> None:
    """加一个去处。地址里的密码、令牌可以写作 ${变量名}，发的时候从环境里取。

    邮箱要先设置 ZHAOSHANG_MAIL（发信的邮箱，如 mailtos://用户:密码@smtp.example.org）。
    地址存在 DATA/notify.toml，只有文件的主人能读，从不显示。写法见 https://appriseit.com/services/
    """
    from crawler.alerts import Address, AddressError, parse_address
    from crawler.alerts.channels import Channel, read_channels, write_channels
    from crawler.alerts.send import faulty
    from crawler.configuration import settings

    config = settings()
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal(f"名称应为 1 至 {LONGEST_NAME} 个看得见的字")
    channels = read_channels(config.data)
    if name in channels:
        raise Refusal(f"已有名为 {name} 的去处：换一个名称，或先 zhaoshang notify remove {name}")
    try:
        url = parse_address(sys.stdin.readline() if address == "-" else address, config.mail)
    except AddressError as error:
        raise Refusal(f"地址不对：{error}") from None
    if wrong := faulty(url, config.mail):
        raise Refusal(f"地址不对：{wrong}")
    write_channels(config.data, {**channels, name: Channel(Address(name, url), always)})
    err.print(f"已加上 {name}（{_shown(url)}）。试一试：zhaoshang notify test {name}", markup=False)
    if not config.address:
        err.print("没有设置 ZHAOSHANG_ADDRESS（读者打开网页的网址），通知里写命令，不带链接。")


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """全部去处，最后一次通知，和没有送到的通知。地址只显示不能拿来发的部分。"""
    from crawler.alerts import mask
    from crawler.alerts.address import kind_name
    from crawler.alerts.channels import read_channels
    from crawler.archive import Archive
    from crawler.configuration import settings
    from zhaoshang.morning.teller import KIND

    config = settings()
    channels = read_channels(config.data)
    with Archive.open(config) as archive:
        last = {name: next(iter(archive.outbox.of_address(KIND, name, limit=1)), None) for name in channels}
        unsent = archive.outbox.unsent(KIND)
    if as_json:
        rows = [
            {
                "name": name,
                "kind": kind_name(channel.address.url),
                "address": mask(channel.address.url),
                "always": channel.always,
                "last": notice and {"title": notice.title, "state": notice.state, "created_at": notice.created_at},
            }
            for name, channel in channels.items()
            for notice in [last[name]]
        ]
        keys = ("id", "address", "title", "state", "attempts", "next_try", "reason")
        print_json({"channels": rows, "unsent": [{key: getattr(n, key) for key in keys} for n in unsent]})
        return
    if not channels:
        err.print("还没有去处：zhaoshang notify add 名称 地址")
    else:
        table = Table(box=None, pad_edge=False)
        for heading in ("名称", "方式", "地址", "何时", "最后一次"):
            table.add_column(heading)
        for name, channel in channels.items():
            notice = last[name]
            told = f"{minute(notice.created_at)} {STATE_NAMES[notice.state]}" if notice else "—"
            when = "每夜" if channel.always else "有变化时"
            table.add_row(Text(name), *(Text(x) for x in (*_parts(channel.address.url), when, told)))
        out.print(table)
    for notice in unsent:
        said = f"，{notice.reason}" if notice.reason else ""
        err.print(
            f"✗ {notice.id} → {notice.address}：{notice.title}：{STATE_NAMES[notice.state]}（试过 {notice.attempts} 次{said}）",
            markup=False,
        )
    if unsent:
        err.print("现在就再发：zhaoshang notify again 编号")


@app.command()
def test(name: str = typer.Argument(..., help="去处的名称")) -> None:
    """试发一条。送不到时说为什么，退出码不为 0。"""
    from crawler.alerts import send
    from crawler.alerts.channels import read_channels
    from crawler.configuration import settings
    from zhaoshang.morning import notice

    config = settings()
    channel = read_channels(config.data).get(name)
    if channel is None:
        raise Refusal(_unknown(name))
    message = notice.of_test(name)
    if left := send([channel.address], message.title, message.text, message.html, mail=config.mail):
        raise Refusal(f"没有送到 {name}：{left[0][1]}")
    err.print(f"已送到 {name}。", markup=False)


@app.command()
def remove(name: str = typer.Argument(..., help="去处的名称")) -> None:
    """去掉一个去处；等着发往那里的通知也不再发。"""
    from crawler.alerts.channels import read_channels, write_channels
    from crawler.archive import Archive
    from crawler.configuration import settings
    from zhaoshang.morning.teller import KIND

    config = settings()
    channels = read_channels(config.data)
    if name not in channels:
        raise Refusal(_unknown(name))
    write_channels(config.data, {key: channel for key, channel in channels.items() if key != name})
    with Archive.open(config) as archive:
        dropped = archive.outbox.drop(KIND, name)
    err.print(f"已去掉 {name}" + (f"；{dropped} 条没有送到的通知不再发" if dropped else "") + "。", markup=False)


@app.command("send")
def send_() -> None:
    """两夜之间：发出等着的通知；有一夜被终止，或该采的一夜没有运行，也说出来。

    给定时任务用，几时运行都可以，不会说两遍。有送不到的时退出码不为 0。
    """
    from crawler.configuration import settings
    from zhaoshang.morning.teller import send_what_waits

    if send_what_waits(settings(), lambda line: err.print(line, markup=False)):
        raise typer.Exit(1)


@app.command()
def again(notice: int = typer.Argument(..., metavar="编号", help="通知的编号，见 zhaoshang notify list")) -> None:
    """再发一条没有送到、不再试或不知是否送到的通知。"""
    from datetime import UTC, datetime

    from crawler.archive import Archive
    from crawler.configuration import settings
    from zhaoshang.morning.teller import Teller

    config = settings()
    with Archive.open(config) as archive:
        if not archive.outbox.again(notice, datetime.now(UTC)):
            raise Refusal(f"没有编号为 {notice} 的未送到的通知：zhaoshang notify list")
        left = Teller(config, lambda line: err.print(line, markup=False)).send_waiting(archive)
    if any(undelivered.notice.id == notice for undelivered in left):
        raise typer.Exit(1)
    err.print("已送到。")


def _parts(url: str) -> tuple[str, str]:
    from crawler.alerts import mask
    from crawler.alerts.address import kind_name

    return kind_name(url), mask(url)


def _shown(url: str) -> str:
    return "，".join(_parts(url))


def _unknown(name: str) -> str:
    return f"没有名为 {name} 的去处：zhaoshang notify list"
