"""A format is one file: it is offered on the pages, in the API and in the terminal, and nothing else names the formats."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from crawler.archive import Archive
from search_api.exports import formats
from search_api.exports.registry import all_formats, search_formats
from tests.sample_archive import RICH, Sample, rich
from zhaoshang.cli import app as cli

pytest_plugins = ["tests.web_fixtures"]

TOY = '''
"""A format of this test."""

from search_api.exports.format import {kind}


def write({argument}):
    {body}


FORMAT = {kind}(
    name="{name}", title="{title}", media_type="text/x-{name}", extension="{name}", order=5, write=write{more}
)
'''
FILES = {
    "names": (
        "RecordFormat",
        "records",
        'yield from (f"{r.title}\\n".encode() for r in records)',
        ", is_reference=True",
    ),
    "sums": ("FigureFormat", "found", "yield from (f\"{f.figure['value']:.0f}\\n\".encode() for f in found)", ""),
    "heads": ("DossierFormat", "dossier", "yield dossier.title.encode()", ""),
}


@pytest.fixture
def toys(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A further file of each kind in the folder of the formats, once the application that all tests share has described itself."""
    client.get("/api/v1/openapi.json")
    for name, (kind, argument, body, more) in FILES.items():
        text = TOY.format(kind=kind, argument=argument, body=body, more=more, name=name, title=f"按{name}")
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    all_formats.cache_clear()
    yield
    all_formats.cache_clear()
    for name in FILES:
        sys.modules.pop(f"search_api.exports.formats.{name}", None)


@pytest.mark.usefixtures("toys")
def test_a_new_format_is_one_file(client: TestClient) -> None:
    page = client.get("/?q=飞地").text
    assert "按names" in page and "按sums" in page and "按heads" not in page
    total = client.get("/api/v1/search?q=飞地").json()
    lines = client.get(total["links"]["exports"]["names"])
    assert len(lines.content.splitlines()) == total["total"] and lines.headers["content-type"].startswith(
        "text/x-names"
    )
    sums = client.get("/export", params={"q": "飞地", "kind": "government", "format": "sums"})
    assert [int(line) for line in sums.text.split()] == [46 * 10**8, 10 * 10**8, 12 * 10**8, 20 * 10**8]
    assert "按names" in client.get(f"/articles/{RICH}").text
    assert client.get(f"/articles/{RICH}/cite?format=names").status_code == 200
    assert client.get(f"/articles/{RICH}/cite?format=sums").status_code == 422


def test_the_description_of_the_api_names_the_formats(client: TestClient) -> None:
    asked = client.get("/api/v1/openapi.json").json()["paths"]["/export"]["get"]["parameters"]
    assert next(p for p in asked if p["name"] == "format")["schema"]["enum"] == list(search_formats())


@pytest.mark.usefixtures("toys")
def test_the_terminal_names_it() -> None:
    told = CliRunner().invoke(cli, ["export", "--help"], env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).output
    assert "names" in told and "sums" in told and "figures" in told and "heads" not in told


@pytest.mark.usefixtures("toys")
def test_a_dossier_is_taken_away_in_formats_of_dossiers_and_of_articles(client: TestClient, sample: Sample) -> None:
    with Archive.open(sample.settings) as archive:
        dossier = archive.dossiers.create("飞地文献")
        archive.dossiers.add(dossier.token, RICH)
    page = client.get(f"/dossiers/{dossier.token}").text
    assert "按heads" in page and "按names" in page and "按sums" not in page
    assert client.get(f"/dossiers/{dossier.token}/export?format=heads").text == "飞地文献"
    assert client.get(f"/dossiers/{dossier.token}/export?format=names").text == f"{rich().title}\n"
    assert client.get(f"/dossiers/{dossier.token}/export?format=sums").status_code == 422


def test_two_formats_may_not_have_one_name(toys: None, tmp_path: Path) -> None:
    (tmp_path / "again.py").write_text((tmp_path / "names.py").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ValueError, match="same name"):
        all_formats()
    sys.modules.pop("search_api.exports.formats.again", None)
