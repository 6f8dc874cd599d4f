"""Floors for our own Python that ruff has no rule for: arguments that can be told apart, and assertions that can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("crawler", "indexer", "search_api", "zhaoshang", "benchmarks", "requirements", "tests")
MOST = 5
# They take any number of things of one kind; the position of one means nothing.
LISTS = {
    *("Table", "create_table", "select"),  # columns
    *("iter", "iterdescendants"),  # tags
    *("given", "one_of", "builds"),  # strategies of hypothesis
    *("add_row", "Progress", "format"),  # cells
    "datetime",
}


@cache
def trees() -> dict[Path, ast.Module]:
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def nodes(kind: type[ast.AST], *, under: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Each node of a kind in the files under a folder, with its place."""
    for file, tree in trees().items():
        if file.is_relative_to(under):
            yield from ((f"{file}:{n.lineno}", n) for n in ast.walk(tree) if isinstance(n, kind))


def called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def too_many(call: ast.Call) -> bool:
    return len(call.args) > MOST and called(call) not in LISTS


def always_holds(test: ast.expr) -> bool:
    """Whether an assertion of this says nothing: a constant, a tuple, one thing or another by a condition, something compared with itself."""
    if isinstance(test, ast.Compare):
        return any(ast.dump(test.left) == ast.dump(other) for other in test.comparators)
    if isinstance(test, ast.BoolOp):
        return any(map(always_holds, test.values))
    return isinstance(test, ast.Constant | ast.Tuple | ast.List | ast.JoinedStr | ast.IfExp | ast.Lambda)


def test_no_call_passes_more_than_five_arguments_by_position() -> None:
    assert len(trees()) > 300
    found = [
        f"{place}: {called(call)}" for place, call in nodes(ast.Call) if isinstance(call, ast.Call) and too_many(call)
    ]
    assert not found


def test_every_assertion_can_fail() -> None:
    found = [
        p for p, node in nodes(ast.Assert, under="tests") if isinstance(node, ast.Assert) and always_holds(node.test)
    ]
    assert not found
