"""Typer's own texts in Chinese: headings and words of the help, and errors of usage."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import typer
from typer import rich_utils

_PANELS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
}
# What typer and its click say → what is meant; the groups stand for {0}, {1}.
_FAULTS = (
    (r"No such command '(.*)'\.(?: Did you mean .*)?", "没有 {0} 这个命令"),
    (r"No such option:? '?(\S+?)'?\.? ?\(Possible options: (.*)\)", "没有 {0} 这个选项，是不是 {1}"),
    (r"No such option:? '?(\S+?)'?\.? Did you mean '?(\S+?)'?\?", "没有 {0} 这个选项，是不是 {1}"),
    (r"No such option:? '?(\S+?)'?\.?", "没有 {0} 这个选项"),
    (r"Missing argument '(.*)'\.", "缺少参数 {0}"),
    (r"Missing option '(.*)'\.", "缺少选项 {0}"),
    (r"Option '(.*)' requires an argument\.", "选项 {0} 后面要有值"),
    (r"Option '(.*)' requires \d+ arguments\.", "选项 {0} 后面的值不够"),
    (r"Option '(.*)' does not take a value\.", "选项 {0} 不带值"),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)", "多出了参数 {0}"),
)
_BAD_VALUE = re.compile(r"Invalid value for (.*?): (.*)", re.S)
_VALUES = (
    (r".*valid integer.*", "应为整数"),
    (r".*valid number.*|.*valid float.*", "应为数"),
    (r".*greater than or equal to (\S+)", "应不小于 {0}"),
    (r".*less than or equal to (\S+)", "应不大于 {0}"),
    (r".*not in the range (\S+?)<=x<=(\S+?)\.?", "应在 {0} 与 {1} 之间"),
    (r".*not in the range x>=(\S+?)\.?", "应不小于 {0}"),
)


def in_chinese(app: typer.Typer) -> Any:
    """The app as a command whose help speaks Chinese throughout."""
    for name, words in _PANELS.items():
        setattr(rich_utils, name, words)
    command = typer.main.get_command(app)
    _translate(command)
    return command


def _translate(command: Any) -> None:
    ask = command.get_help_option

    def help_option(context: Any) -> Any:
        option = ask(context)
        if option is not None:
            option.help = "显示这段说明"
        return option

    command.get_help_option = help_option
    for below in getattr(command, "commands", {}).values():
        _translate(below)


def translate_usage_error(error: Any) -> str:
    """A wrong command line in one Chinese line, and where to read how it should be; nothing where the help was all that was to be said."""
    text, context = " ".join(error.format_message().split()), getattr(error, "ctx", None)
    if not text:
        return ""
    near = ""
    if context is not None and (unknown := re.match(r"No such command '(.*?)'", text)):
        close = get_close_matches(unknown[1], getattr(context.command, "commands", {}), n=1)
        near = f"，是不是 {close[0]}" if close else ""
    return f"{_fault(text)}{near}；用法见 {context.command_path if context is not None else 'zhaoshang'} --help"


def _fault(text: str) -> str:
    for pattern, meaning in _FAULTS:
        if match := re.fullmatch(pattern, text):
            return meaning.format(*match.groups())
    if bad := _BAD_VALUE.fullmatch(text):
        where = bad[1].replace("'", "").replace(" / ", "、")
        for pattern, meaning in _VALUES:
            if match := re.fullmatch(pattern, bad[2]):
                return f"{where} {meaning.format(*match.groups())}"
        return f"{where} 的值不对：{bad[2]}"
    return text
