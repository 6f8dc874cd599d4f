"""The command `zhaoshang`: assembles the verbs of all packages. Nothing heavy is imported before a verb runs."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from crawler.cli.sources import app as sources_app
from crawler.cli.stages import add_verbs as add_crawler_verbs
from crawler.configuration import ConfigurationError, own_version
from crawler.reasons import describe_error
from crawler.terminal import Refusal, err
from indexer.commands import add_verbs as add_indexer_verbs
from search_api.commands import add_verbs as add_search_verbs
from search_api.keys import app as keys_app
from search_api.watch_commands import app as watch_app
from zhaoshang.archive_commands import app as archive_app
from zhaoshang.commands import add_verbs as add_own_verbs
from zhaoshang.gaps_command import add_verbs as add_gaps_verb
from zhaoshang.night_commands import add_verbs as add_night_verbs
from zhaoshang.notify_commands import app as notify_app
from zhaoshang.typer_translation import in_chinese, translate_usage_error

HELP = """招商文库：招商引资报道的采集、提取与检索。

第一次使用：[bold]zhaoshang demo[/bold] 会在本机起一个示例网站，采集、提取、建索引，并打开检索页面。

日常使用：[bold]zhaoshang sources list[/bold] 看有哪些来源，[bold]sources enable[/bold] 启用，[bold]nightly[/bold] 采集一夜，[bold]serve[/bold] 打开检索页面。

设置用环境变量 ZHAOSHANG_* 或当前目录的 zhaoshang.toml；[bold]zhaoshang doctor[/bold] 列出每一项及其出处。
"""

# Where an error means that the operator can mend something: module that raises it → class. Only what is imported can have raised.
FAULTS = {
    "crawler.archive": "ArchiveError",
    "crawler.sources": "SourceError",
    "crawler.article": "ExtractionError",
    "crawler.platforms": "ListError",
    "indexer.engines.base": "EngineError",
}

INTERRUPTED = 130  # what typer makes of Ctrl-C, too

# typer carries a click of its own since 0.20 and used the package before: what it raises for wrong usage is the base of what it exports
WrongUsage: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

app = typer.Typer(
    name="zhaoshang",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"zhaoshang {own_version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="显示版本", callback=_version, is_eager=True),
) -> None:
    pass


add_own_verbs(app)
add_gaps_verb(app)
add_night_verbs(app)
app.add_typer(notify_app, name="notify", rich_help_panel="每夜")
app.add_typer(sources_app, name="sources", rich_help_panel="采集")
app.add_typer(keys_app, name="keys", rich_help_panel="检索")
app.add_typer(watch_app, name="watch", rich_help_panel="检索")
app.add_typer(archive_app, name="archive", rich_help_panel="文库")
add_crawler_verbs(app)
add_indexer_verbs(app)
add_search_verbs(app)


def _fault_classes() -> tuple[type[BaseException], ...]:
    found: list[type[BaseException]] = [ConfigurationError, Refusal]
    for module, name in FAULTS.items():
        raised = getattr(sys.modules.get(module), name, None)
        if raised is not None:
            found.append(raised)
    return tuple(found)


def main() -> None:
    """Runs a verb. Exit codes: 0 done · 1 something the operator can mend, in one line · 2 wrong usage · 130 interrupted."""
    try:
        code = in_chinese(app)(standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except WrongUsage as error:
        if text := translate_usage_error(error):
            err.print(f"错误：{text}", markup=False)
        code = error.exit_code
    except BrokenPipeError:
        # the reader of a pipe (head, less) went away: not an error, but Python would complain once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        if error.errno is None:
            raise
        where = f"：{error.filename}" if error.filename else ""
        err.print(f"错误：{describe_error(error)}{where}", markup=False)
        code = 1
    except Exception as error:
        if not isinstance(error, _fault_classes()):
            raise
        err.print(f"错误：{error}", markup=False)
        code = 1
    if code == INTERRUPTED:
        err.print("已中断；做完的都已存好，再次运行同一命令会接着做。")
    sys.exit(code if isinstance(code, int) else 0)
