"""An engine is one folder: it says which setting it answers to, and nothing else names the engines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import indexer.engines
from crawler.configuration import load_settings
from indexer.engines.base import EngineUnavailable
from indexer.engines.registry import engine_kind, engines, open_engine
from search_api.api.status import engine_health
from search_api.web.app_state import AppState
from zhaoshang.doctor import examine

TOY = '''
"""An engine of this test."""

from crawler.configuration import Settings
from indexer.engines.base import Engine, EngineKind, EngineUnavailable


def _open(settings: Settings, write: bool) -> Engine:
    raise EngineUnavailable(f"wenxuan 在 {settings.engine} 睡着了（write={write}）")


ENGINE = EngineKind("wenxuan", ("wenxuan://",), "wenxuan 的地址", "a-package-nobody-has", _open)
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A further folder among the engines."""
    folder = tmp_path / "engines" / "wenxuan"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(indexer.engines, "__path__", [*indexer.engines.__path__, str(folder.parent)])
    engines.cache_clear()
    yield
    engines.cache_clear()
    sys.modules.pop("indexer.engines.wenxuan", None)


@pytest.mark.usefixtures("toy")
def test_a_new_engine_is_one_folder(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, database="", engine="wenxuan://user:secret@host")
    with pytest.raises(EngineUnavailable, match=r"睡着了（write=True）"):
        open_engine(settings, write=True)
    health = engine_health(AppState(settings))
    assert (health.ok, health.engine) == (False, "wenxuan") and "没有应答" in (health.problem or "")
    told = [finding.text for finding in examine(settings) if finding.ok is False]
    assert any("a-package-nobody-has" in text for text in told) and any("睡着了" in text for text in told)
    with pytest.raises(EngineUnavailable, match=r"请写 tantivy，或 Elasticsearch 的网址，或 wenxuan 的地址。"):
        open_engine(load_settings(data=tmp_path, engine="wenxuan"))


def test_the_setting_chooses_the_engine(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    assert engine_kind(settings).name == "tantivy"
    for url in ("http://host:9200", "https://user:secret@host:9200,https://other:9200"):
        assert engine_kind(load_settings(data=tmp_path, engine=url)).name == "elasticsearch"
    for wrong in ("tantivy2", "tantivy://here", "ftp://host", "elasticsearch", ""):
        with pytest.raises(EngineUnavailable, match="无法识别"):
            engine_kind(load_settings(data=tmp_path, engine=wrong))


def test_knowing_the_engines_imports_none() -> None:
    code = "import sys; from indexer.engines.registry import engines; engines(); print([m for m in ('tantivy', 'elasticsearch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
