"""The structure of the code: imports without circles, contracts without long lists of exceptions, folders that can be taken in at a glance."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("zhaoshang", "search_api", "indexer", "crawler")


@cache
def imports() -> dict[str, set[str]]:
    """Module → the modules of ours that it imports anywhere: at the top, inside functions, and for type checking alone."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=False, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def between_children(package: str) -> dict[str, set[str]]:
    """The same between the parts directly below a package, each with all that it contains."""
    depth = package.count(".") + 1
    found: dict[str, set[str]] = defaultdict(set)
    for module, imported in imports().items():
        if not module.startswith(f"{package}."):
            continue
        part = ".".join(module.split(".")[: depth + 1])
        for other in imported:
            other_part = ".".join(other.split(".")[: depth + 1])
            if other.startswith(f"{package}.") and other_part != part:
                found[part].add(other_part)
    return found


def circle(edges: dict[str, set[str]]) -> list[str]:
    """One circle of the graph, or nothing."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def folders() -> list[str]:
    found = {module.rpartition(".")[0] for module in imports() if "." in module}
    return sorted(found)


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert not circle({"a": {"b", "c"}, "b": {"c"}})


def test_no_import_circle_between_files() -> None:
    assert not circle(imports())


@pytest.mark.parametrize("package", folders())
def test_no_import_circle_between_the_parts_of_a_package(package: str) -> None:
    assert not circle(between_children(package))


def test_one_layers_contract_a_package_and_no_long_list_of_exceptions() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layered = [container for c in contracts if c["type"] == "layers" for container in c.get("containers", ())]
    assert sorted(set(layered) & set(PACKAGES)) == sorted(PACKAGES)
    assert all(len(contract.get("ignore_imports", ())) <= 5 for contract in contracts)


def test_folders_can_be_taken_in_at_a_glance() -> None:
    files = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    )
    assert files["crawler"] <= 9 and files["indexer"] <= 4 and files["search_api"] <= 12
    assert {folder: count for folder, count in files.items() if count > 21} == {}
