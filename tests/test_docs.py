"""The documents are true: their commands run on the sample web, their links lead somewhere, what they list is all there is.

A block ```sh is run; a block ```sh norun: WHY is not, and stands in NORUN below. The blocks of one document are one shell session, in a folder of their own that
looks like a checkout after `make demo`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

from crawler.configuration import Settings
from search_api.application import create_application
from tests.web_fixtures import behind_a_server
from zhaoshang.cli import app
from zhaoshang.demo.run import served
from zhaoshang.demo.web import PORTS

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    *(f"docs/{p.name}" for p in sorted(ROOT.glob("docs/*.md"))),
    "deploy/README.md",
)
MARKDOWN = (*DOCUMENTS, *(f"docs/decisions/{p.name}" for p in sorted(ROOT.glob("docs/decisions/*.md"))))

# What no test runs: document, and the reason that its block gives.
NORUN = {
    ("README.md", "sets up .venv from the package index"),
    ("README.md", "asks real sites"),
    ("README.md", "needs PostgreSQL and Elasticsearch"),
    ("README.zh-CN.md", "sets up .venv from the package index"),
    ("README.zh-CN.md", "asks real sites"),
    ("README.zh-CN.md", "needs PostgreSQL and Elasticsearch"),
    ("CONTRIBUTING.md", "serves until Ctrl-C"),
    ("CONTRIBUTING.md", "sets up .venv from the package index"),
    ("CONTRIBUTING.md", "minutes"),
    ("docs/operations.md", "root, systemd"),
    ("docs/operations.md", "needs PostgreSQL and Elasticsearch"),
    ("docs/operations.md", "installs packages"),
    ("docs/operations.md", "root, installs packages"),
    ("docs/operations.md", "docker"),
    ("docs/operations.md", "sends to real addresses"),
    ("docs/operations.md", "needs an S3 server"),
    ("docs/operations.md", "asks before it deletes"),
    ("docs/research.md", "needs the evaluation data"),
}

PACKAGES = ("crawler", "indexer", "search_api", "zhaoshang", "tests", "benchmarks", "docs", "deploy", "requirements")
MADE_BY_THE_OPERATOR = ("deploy/.env",)

_BLOCK = re.compile(r"^( *)```(\S+)([^\n]*)\n(.*?)^\1```$", re.M | re.S)
_ABROAD = re.compile(r"https?://(?!127\.0\.0\.1\b)\S+")


@dataclass(frozen=True)
class Block:
    """One ```sh block. `norun` is the reason why it is not run, else ''."""

    norun: str
    text: str

    def commands(self) -> list[str]:
        """Its lines without comments."""
        lines = (re.sub(r"(^|\s+)#.*", "", line).strip() for line in self.text.splitlines())
        return [line for line in lines if line]


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str) -> list[Block]:
    found = []
    for _, language, rest, text in _BLOCK.findall(read(document)):
        assert language in ("sh", "text", "mermaid", "toml", "python", "json"), f"{document}: a block of {language}"
        if language == "sh":
            mark, _, reason = rest.strip().partition(": ")
            assert mark in ("", "norun") and bool(mark) == bool(reason), f"{document}: ```sh{rest}"
            found.append(Block(reason, textwrap.dedent(text)))
    return found


def test_what_is_not_run_is_listed() -> None:
    assert {(document, b.norun) for document in DOCUMENTS for b in blocks(document) if b.norun} == NORUN


def test_what_is_run_asks_this_machine_only() -> None:
    for document in DOCUMENTS:
        for block in blocks(document):
            if not block.norun:
                assert not _ABROAD.search(block.text), f"{document}: {block.text}"
                assert "ZHAOSHANG_CONTACT" not in block.text, f"{document}: without it nothing but loopback is crawled"


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = ([c for b in blocks(document) for c in b.commands()] for document in READMES)
    assert english == chinese


# --- the commands


@dataclass(frozen=True)
class Checkout:
    """`folder` has the sample archive in data/demo; `moved` are addresses as the documents write them and as they are served here."""

    folder: Path
    moved: tuple[tuple[str, str], ...]


def environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
    own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return inherited | own | {"ZHAOSHANG_DELAY": "0", "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """After `zhaoshang demo`, with its sites and its search page still open."""
    folder = tmp_path_factory.mktemp("checkout")
    command = [sys.executable, "-m", "zhaoshang", "demo", "--no-serve"]
    subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
    demo = folder / "data/demo"
    with (
        served(demo / "sources") as sites,
        behind_a_server(lambda: create_application(Settings(data=demo, contact="", engine="tantivy"))) as address,
    ):
        ports = [site.url.rsplit(":", 1)[1].strip("/") for site in sites.sites]
        moved = [(f"127.0.0.1:{port}", f"127.0.0.1:{here}") for port, here in zip(PORTS, ports, strict=True)]
        yield Checkout(folder, (*moved, ("127.0.0.1:8000", address)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "document", [d for d in DOCUMENTS if d != "README.zh-CN.md" and any(not b.norun for b in blocks(d))]
)
def test_commands_run(document: str, checkout: Checkout, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    shutil.copytree(checkout.folder / "data", tmp_path / "data")
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".") and entry.name != "data":
            (tmp_path / entry.name).symlink_to(entry)
    script = "\n".join(block.text for block in blocks(document) if not block.norun)
    for written, here in checkout.moved:
        script = script.replace(written, here)
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout[-800:]}\n{done.stderr[-3000:]}"
    assert "命中 0 篇" not in done.stderr, done.stderr[-3000:]
    if document == "CONTRIBUTING.md":
        check_walk(tmp_path)


def check_walk(folder: Path) -> None:
    """The source that a newcomer adds: a short file, a region from the page, a golden page."""
    file = (folder / "data/sources/walk.toml").read_text(encoding="utf-8")
    assert len(file.splitlines()) <= 12 and tomllib.loads(file)["region"] == "340000"
    golden = json.loads((folder / "data/golden/walk/article.json").read_text(encoding="utf-8"))
    assert golden["article"]["title"] and (folder / "data/golden/walk/page.html").stat().st_size > 500


# --- the links, and the lists


def prose(document: str) -> str:
    """The document without its blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", _BLOCK.sub("", read(document)))


def anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = _BLOCK.sub("", document.read_text(encoding="utf-8"))
    made: set[str] = set()
    for heading in re.findall(r"^#+ +(.+)$", text, re.M):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        made.add(re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-"))
    return made


def leads_somewhere(document: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (ROOT / document).parent / path if path else ROOT / document
    return file.exists() and (not anchor or anchor in anchors(file))


def test_links_lead_somewhere() -> None:
    """Links within the repository; what stands elsewhere is not asked."""
    links = [(d, target) for d in MARKDOWN for target in re.findall(r"\]\(([^)\s]+)\)", prose(d))]
    assert len(links) > 100
    assert not [link for link in links if not re.match(r"[a-z]+:", link[1]) and not leads_somewhere(*link)]


def test_every_decision_is_listed_once_under_its_title() -> None:
    listed = re.findall(r"- \[(\d{4})\]\((\1-[^)]*\.md)\) (.+)", read("docs/decisions/README.md"))
    decisions = {
        p.name: read(f"docs/decisions/{p.name}").partition("\n")[0] for p in (ROOT / "docs/decisions").glob("0*.md")
    }
    assert sorted((name, f"# {number} {title}") for number, name, title in listed) == sorted(decisions.items())


def test_metadata_names_no_address() -> None:
    """There is no public address of the project yet; a made-up one leads a reader to somebody else."""
    assert "urls" not in tomllib.loads(read("pyproject.toml"))["project"]


def test_modules_named_in_commands_exist() -> None:
    named = {(d, module) for d in MARKDOWN for module in re.findall(r"python -m ([\w.]+)", read(d))}
    assert not [(d, m) for d, m in named if m not in ("venv", "pip") and not importlib.util.find_spec(m)]


def test_files_named_in_code_exist() -> None:
    named = {(d, name) for d in MARKDOWN for name in re.findall(r"`([a-z_]+/[^`\s…*]*)`", read(d))}
    ours = {(d, name) for d, name in named if name.split("/")[0] in PACKAGES and name not in MADE_BY_THE_OPERATOR}
    assert not sorted((d, name) for d, name in ours if not (ROOT / name).exists())


@pytest.mark.parametrize("document", READMES)
def test_readme_names_every_verb_and_every_setting(document: str) -> None:
    text = read(document)
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    table = re.findall(r"^\| `[^|]*\|", text, re.M)
    named = {word for cell in table for code in re.findall(r"`([^`]+)`", cell) for word in re.findall(r"[\w-]+", code)}
    verbs = {name for verb, command in commands.items() for name in (verb, *getattr(command, "commands", ()))}
    assert not verbs - named, "verbs that no table names"
    assert not {name.upper() for name in Settings.model_fields} - named, "settings that no table names"
