"""Verbs `keys add`, `list` and `revoke`."""

from __future__ import annotations

from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from crawler.terminal import Refusal, err, minute, out, print_json

app = typer.Typer(no_args_is_help=True, help="访问密钥：发给从别处用 API、导出、订阅和智能助手接口的人。")
LONGEST_NAME = 60


@app.command()
def add(
    name: str = typer.Argument(..., help="给谁用，如 zhang 或 研究组"),
    scope: str = typer.Option("read", "--scope", help="read 只读，write 还可写卷宗"),
    limits: str = typer.Option(
        "", "--limits", help="自己的限额，如 'search=1200/minute export=100/minute'；不写的照常"
    ),
) -> None:
    """发一个密钥。密钥只显示这一次，文库只存它的 SHA-256。"""
    from crawler.archive import Archive
    from crawler.archive.access import audit
    from crawler.configuration import settings
    from search_api.web.limits import OF_A_KEY, read_rates

    if scope not in ("read", "write"):
        raise Refusal(f"--scope 应为 read 或 write，而不是 {scope!r}")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal(f"名称应为 1 至 {LONGEST_NAME} 个看得见的字")
    read_rates(limits, read_rates(OF_A_KEY))
    with Archive.open(settings()) as archive:
        secret = archive.keys.add(name.strip(), scope, limits)  # type: ignore[arg-type]
    audit.note(settings().data, "cli", "key add", name.strip(), scope=scope)
    out.print(secret, markup=False, soft_wrap=True)
    err.print("密钥只显示这一次，请现在就交给用的人。用法：Authorization: Bearer 密钥，或在网页的 /session 输入。")


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """全部密钥，撤销了的也在内。"""
    from crawler.archive import Archive
    from crawler.configuration import settings

    with Archive.open_existing(settings()) as archive:
        keys = archive.keys.all()
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "name": key.name,
                "scope": key.scope,
                "limits": key.limits,
                "created_at": key.created_at,
                "last_used": key.last_used,
                "revoked_at": key.revoked_at,
            }
            for key in keys
        ]
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("名称", "权限", "限额", "发放", "最近使用", "撤销"):
        table.add_column(heading)
    for key in keys:
        days = [minute(at) for at in (key.created_at, key.last_used, key.revoked_at)]
        if key.revoked_at is None:
            days[2] = ""
        table.add_row(Text(key.name), "读写" if key.scope == "write" else "只读", Text(key.limits or "照常"), *days)
    if keys:
        out.print(table)
    err.print(f"共 {len(keys)} 个密钥。发放：zhaoshang keys add 名称")


@app.command()
def revoke(name: str = typer.Argument(..., help="密钥的名称")) -> None:
    """撤销一个密钥：从下一个请求起，它在所有进程里都不能再用。"""
    from crawler.archive import Archive
    from crawler.archive.access import audit
    from crawler.configuration import settings

    with Archive.open_existing(settings()) as archive:
        done = archive.keys.revoke(name)
    if not done:
        raise Refusal(f"没有名为 {name!r} 的有效密钥；用 zhaoshang keys list 查看")
    audit.note(settings().data, "cli", "key revoke", name)
    err.print(f"已撤销 {name}")
