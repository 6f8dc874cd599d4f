"""Many queries at once: a file of queries in, a table of hits out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from crawler.reasons import describe_error
from crawler.terminal import Refusal
from indexer.search.searcher import Searcher
from search_api.exports.records import Recorder
from search_api.exports.table import csv_lines

COLUMNS = (
    *("检索编号", "检索式", "命中总数", "名次", "相关分", "放宽", "编号", "标题", "日期", "网站", "来源"),
    *("原文网址", "文库网址", "摘句"),
)
_QUERY_NAMES = ("query", "检索式", "检索词", "q", "text")
_ID_NAMES = ("id", "编号", "检索编号", "qid")


def read_queries(file: Path) -> list[tuple[str, str]]:
    """(id, query) of each line, of a CSV file where the name ends so, else of JSON lines. Raises Refusal that names the file, the line and what is wrong with it."""
    if not file.is_file():
        raise Refusal(f"没有这个文件：{file}")
    text = _decoded(file)
    return list(_of_csv(file, text) if file.suffix.lower() == ".csv" else _of_json_lines(file, text))


def batch_lines(
    searcher: Searcher,
    queries: Iterable[tuple[str, str]],
    *,
    base: str,
    top: int,
    strict: bool,
    done: Callable[[int], None] = lambda number: None,
) -> Iterator[bytes]:
    """CSV: for each query its hits in their order, or one line without a hit. `done` is told the number of queries that are finished."""
    return csv_lines(COLUMNS, _rows(searcher, queries, base=base, top=top, strict=strict, done=done))


def _rows(
    searcher: Searcher,
    queries: Iterable[tuple[str, str]],
    *,
    base: str,
    top: int,
    strict: bool,
    done: Callable[[int], None],
) -> Iterator[tuple[str, ...]]:
    recorder = Recorder(base, lambda name: name or "")
    for number, (qid, query) in enumerate(queries, 1):
        answer = searcher.search(query, top=top, strict=strict, facets=(), histogram=False)
        asked = (qid, query, str(answer.total))
        for rank, hit in enumerate(answer.hits, 1):
            record = recorder.of_hit(hit)
            place = (str(rank), f"{hit.score:.6f}", "是" if hit.widened else "")
            about = (hit.external_id or hit.id, record.title, record.date, record.publisher, hit.origin or "")
            yield (*asked, *place, *about, record.url, record.page, hit.snippet)
        if not answer.hits:
            yield (*asked, *("",) * (len(COLUMNS) - len(asked)))
        done(number)


def _decoded(file: Path) -> str:
    """UTF-8, or what a Chinese spreadsheet saves."""
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(f"{file} 不是 UTF-8，也不是 GB18030 的文字")


def _of_csv(file: Path, text: str) -> Iterator[tuple[str, str]]:
    rows = csv.reader(io.StringIO(text))
    heading = [cell.strip().lower() for cell in next(rows, [])]
    at = next((heading.index(name) for name in _QUERY_NAMES if name in heading), None)
    if at is None:
        raise Refusal(
            f"{file} 第一行要有列名 query 或 检索式，还可以有 id 或 编号；现在是：{'、'.join(heading) or '空的'}"
        )
    named = next((heading.index(name) for name in _ID_NAMES if name in heading), None)
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= at:
            raise Refusal(f"{file} 第 {rows.line_num} 行只有 {len(row)} 列，没有检索式")
        yield (row[named].strip() if named is not None else "") or str(number), row[at].strip()


def _of_json_lines(file: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield str(row["id"]), str(row.get("query", row.get("text")) or "")
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
            said = describe_error(error) if isinstance(error, ValueError | RecursionError) else "缺少 id，或不是对象"
            raise Refusal(f'{file} 第 {number} 行应为 {{"id": …, "query": …}}：{said}') from None
