"""describe_error(): why something failed, in a few Chinese words, with the original message in brackets where it says more."""

from __future__ import annotations

import errno
import json
import re
import socket
import tomllib
import zlib
from collections.abc import Mapping
from typing import Any

_OS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样做",
    errno.EROFS: "所在的文件系统只读",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超过磁盘配额",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOTEMPTY: "文件夹不空",
    errno.ENAMETOOLONG: "文件名过长",
    errno.ELOOP: "符号链接绕成了圈",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "系统里打开的文件过多",
    errno.ENOMEM: "内存不足",
    errno.EIO: "磁盘读写出错",
    errno.EADDRINUSE: "地址已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ECONNREFUSED: "对方拒绝连接",
    errno.ECONNRESET: "对方断开了连接",
    errno.ECONNABORTED: "连接中断",
    errno.EPIPE: "对方断开了连接",
    errno.ETIMEDOUT: "超时，没有回答",
    errno.EHOSTUNREACH: "到不了那台主机",
    errno.ENETUNREACH: "网络不通",
}
_HTTP = {  # http.client's, by name: most verbs need no network and do not load it
    "RemoteDisconnected": "对方没有回答就断开了连接",
    "IncompleteRead": "回答没有传完就断了",
    "BadStatusLine": "对方答的不是 HTTP",
    "LineTooLong": "对方的响应头过长",
    "HeadersTooLongError": "对方的响应头过长",
    "HTTPException": "对方的响应头过多",  # http.client raises the bare one for nothing else
    "InvalidURL": "不是有效的网址",
}
_TLS = (
    ("CERTIFICATE_VERIFY_FAILED", "证书不可信"),
    ("WRONG_VERSION_NUMBER", "对方没有用 TLS"),
    ("RECORD_LAYER_FAILURE", "对方没有用 TLS"),
    ("UNSUPPORTED_PROTOCOL", "对方的 TLS 版本过旧"),
    ("EOF", "握手时对方断开了连接"),
)
_TOML = (  # the beginnings of tomllib's messages
    ("Expected '=' after a key", "键之后缺少等号"),
    ("Expected ']' at the end", "表头缺少右方括号"),
    ("Expected newline or end of document after", "一行写了不止一项，或缺少引号"),
    ("Invalid value", "值写得不对：文字要加引号"),
    ("Invalid initial character for a key", "键写得不对，或缺少键"),
    ("Cannot overwrite a value", "同一个键写了两次"),
    ("Cannot declare", "同一张表写了两次"),
    ("Cannot mutate", "不能再往这里加"),
    ("Unclosed array", "数组缺少右方括号"),
    ("Unclosed inline table", "内联表缺少右花括号"),
    ("Unterminated string", "字符串缺少右引号"),
    ('Expected "\'"', "字符串缺少右引号"),
    ("Invalid statement", "这一行既不是“键 = 值”，也不是表头"),
    ("Illegal character", "有不许用的字符，多半是引号没有写全"),
    ("Unescaped '\\' in a string", "反斜杠要写两个，或改用单引号"),
)
_JSON = {
    "Expecting value": "这里应有一个值",
    "Expecting property name enclosed in double quotes": "键要加双引号",
    "Expecting ':' delimiter": "缺少冒号",
    "Expecting ',' delimiter": "缺少逗号",
    "Extra data": "一个值之后还有别的内容",
    "Unterminated string starting at": "字符串缺少右引号",
    "Invalid control character at": "字符串里有换行等控制字符",
    "Invalid \\escape": "反斜杠后的字符不对",
    "Invalid \\uXXXX escape": "\\u 之后应是四位十六进制数",
    "Illegal trailing comma before end of object": "末尾多了逗号",
    "Illegal trailing comma before end of array": "末尾多了逗号",
}
_FAULTS = {  # pydantic's kinds of error
    "missing": "缺少这一项",
    "extra_forbidden": "没有这样的项",
    "string_type": "应为字符串",
    "list_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数",
    "float_parsing": "应为数",
    "finite_number": "应为有限的数",
    "path_type": "应为路径",
    "date_type": "应为日期，写作 2024-01-31",
    "date_parsing": "应为日期，写作 2024-01-31",
    "date_from_datetime_parsing": "应为日期，写作 2024-01-31",
    "string_unicode": "有不成对的代理字符",
    "string_too_short": "不能为空",
    "too_short": "不能为空",
    "string_too_long": "过长，最多 {max_length} 字",
    "string_pattern_mismatch": "写法不对",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "literal_error": "应为 {expected}",
    "enum": "应为 {expected}",
    "json_invalid": "不是有效的 JSON",
}


def describe_error(error: BaseException | str) -> str:
    """Why it failed, in one line. What is not known by heart stays as the library said it."""
    if isinstance(error, str):
        return _line(error)
    if isinstance(error, tomllib.TOMLDecodeError):
        return _of_toml(str(error))
    if isinstance(error, json.JSONDecodeError):
        said = _JSON.get(error.msg, error.msg)
        return (
            f"第 {error.lineno} 行第 {error.colno} 个字符处，{said}"
            if error.lineno > 1
            else f"第 {error.colno} 个字符处，{said}"
        )
    if isinstance(error, UnicodeDecodeError):
        return f"不是 UTF-8 编码（第 {error.start + 1} 个字节）"
    if isinstance(error, EOFError | zlib.error) or type(error).__name__ == "BadGzipFile":
        return "压缩数据不完整或已损坏"
    if type(error).__name__ in _HTTP:
        return _HTTP[type(error).__name__]
    if isinstance(error, RecursionError):
        return "嵌套过深"
    if isinstance(error, OSError):
        return _of_os(error)
    return _line(str(error)) or type(error).__name__


def fault_reason(fault: Mapping[str, Any]) -> str:
    """Why pydantic refused a value: one entry of `ValidationError.errors()`."""
    kind, context = str(fault["type"]), fault.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        return describe_error(context["error"])
    if kind not in _FAULTS:
        return _line(str(fault["msg"]))
    said = _FAULTS[kind].format_map({k: str(v).replace(" or ", "、") for k, v in context.items()})
    given = fault.get("input")
    if kind in ("missing", "extra_forbidden") or isinstance(given, Mapping | list) or given in (None, ""):
        return said
    return f"{said}，而不是 {given!r}" if len(repr(given)) <= 60 else said


def _of_os(error: OSError) -> str:
    if any(c.__name__ == "SSLError" for c in type(error).__mro__):  # by name: most verbs do not load ssl
        known = next((said for word, said in _TLS if word in str(error)), "")
        return f"TLS 握手失败：{known}" if known else f"TLS 握手失败（{_line(str(error))}）"
    if isinstance(error, socket.gaierror):
        return "找不到这台主机：域名写错了，或域名解析不通"
    if isinstance(error, TimeoutError):
        return "超时，没有回答"
    inner = getattr(error, "reason", None)  # urllib wraps what happened
    if isinstance(inner, BaseException | str):
        return describe_error(inner)
    if error.errno in _OS:
        return _OS[error.errno]
    return _line(error.strerror or str(error)) or type(error).__name__


def _of_toml(text: str) -> str:
    where = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)$", text)
    said = text[: where.start()].strip() if where else text
    known = next((chinese for english, chinese in _TOML if said.startswith(english)), "")
    place = "" if not where else f"第 {where[1]} 行第 {where[2]} 个字符处，" if where[1] else "到文件末尾，"
    return place + (known or said)


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def without_passwords(text: str) -> str:
    """The text without the user name and password of the addresses in it."""
    return re.sub(r"//[^/@\s]*@", "//", text)
