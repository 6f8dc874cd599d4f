"""The shipped registry: every source loads, none doubles another, every province has some, and lint finds what it should."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crawler.sources import Source, SourceError, load_source
from crawler.sources.candidates import candidates
from crawler.sources.lint import lint, lint_folder, list_key, main, rules
from crawler.sources.regions import by_adcode, path, regions
from crawler.sources.registry import SHIPPED


@pytest.fixture(scope="module")
def shipped() -> list[Source]:
    return [load_source(file) for file in SHIPPED.glob("*.toml")]


def test_shipped_sources_have_no_faults() -> None:
    count, faults = lint_folder(SHIPPED)
    assert not faults, "\n".join(map(str, faults))
    assert count >= 600


def test_every_province_and_kind_has_sources(shipped: list[Source]) -> None:
    provinces = Counter(path(source.region)[0].adcode for source in shipped)
    wanted = {r.adcode for r in regions() if r.level == "province" and r.adcode[:2] not in ("71", "81", "82")}
    assert len(wanted) == 31
    assert not wanted - set(provinces)
    assert min(provinces[code] for code in wanted) >= 5
    assert {source.kind for source in shipped} == {"government", "news", "forum"}


def test_only_columns_on_the_subject_are_kept_unjudged(shipped: list[Source]) -> None:
    unjudged = [source for source in shipped if not source.gate]
    assert unjudged
    assert all(source.kind == "government" and "招" in source.title for source in unjudged)


def test_a_source_has_at_most_twelve_lines(tmp_path: Path) -> None:
    urls = "".join(f'  "https://www.sample.gov.cn/zsyz{n}/",\n' for n in range(8))
    text = f'name = "sample"\ntitle = "示例"\nkind = "government"\nregion = "430100"\nseen_in = "示例清单（2026）"\nstart_urls = [\n{urls}]\n'
    (tmp_path / "sample.toml").write_text(text, encoding="utf-8")
    (fault,) = lint_folder(tmp_path)[1]
    assert "15 行" in fault.reason


def source(**changes: object) -> Source:
    facts: dict[str, object] = {
        "name": "sample",
        "title": "示例",
        "kind": "government",
        "region": "430100",
        "start_urls": ["https://www.sample.gov.cn/zsyz/"],
        "seen_in": "示例清单（2026-01-02）",
    }
    return Source.model_validate(facts | changes)


def faults(*sources: Source) -> list[SourceError]:
    return list(lint((Path(f"{s.name}.toml"), s) for s in sources))


def test_a_sound_source_has_no_fault() -> None:
    assert not faults(source())
    assert not faults(source(seen_in="旧清单，年份不详"))
    assert not faults(source(region="220200", title="吉林市人民政府 吉林要闻"))
    assert not faults(source(region="230221", title="龙江县人民政府 要闻"))
    assert not faults(
        source(start_urls=["https://www.sample.gov.cn/2024nzwdt/"])
    )  # lived past its year, as its witness of 2026 says


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("region", {"region": "439999"}),
        ("region", {"region": "230221", "title": "示例网黑龙江"}),
        ("region", {"region": "220200", "title": "示例网 吉林 要闻"}),
        ("region", {"region": "320829"}),  # 洪泽县, since 2016 洪泽区 320813
        ("seen_in", {"seen_in": "某处"}),
        ("seen_in", {"seen_in": "公开文件 20161234567"}),
        ("start_urls", {"start_urls": ["https://www.fdi.gov.cn/list/"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn./zsyz/"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn/list?page={}"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn/2026nzwdt/"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn/zsyz/202401/t20240112_123456.html"]}),
        ("start_urls", {"start_urls": ["https://bbs.sample.com/thread-12-1-1.html"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn/"]}),
        ("start_urls", {"start_urls": ["http://192.168.1.5/zsyz/"]}),
        ("start_urls", {"start_urls": ["https://www.sample.gov.cn/名录.pdf"]}),
    ],
)
def test_lint_names_the_key(key: str, changes: dict[str, object]) -> None:
    (fault,) = faults(source(**changes))
    assert fault.key == key
    assert fault.file == Path("sample.toml")


@pytest.mark.parametrize(
    "twin",
    [
        "http://sample.gov.cn/zsyz/index.html",
        "https://WWW.sample.gov.cn:443/zsyz/#top",
        "https://www.sample.gov.cn/a/../zsyz/?utm_source=x",
    ],
)
def test_lint_sees_one_list_behind_its_spellings(twin: str) -> None:
    (fault,) = faults(source(), source(name="other", start_urls=[twin]))
    assert fault.file == Path("other.toml")
    assert "sample" in fault.reason
    assert len(faults(source(start_urls=["https://www.sample.gov.cn/zsyz/", twin]))) == 1
    assert not faults(source(), source(name="other", start_urls=[twin.replace("zsyz", "zsdt")]))


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.toml").write_text("name = ", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert "broken.toml" in capsys.readouterr().err
    assert main([str(tmp_path / "absent")]) == 1
    (tmp_path / "broken.toml").unlink()
    assert main([str(tmp_path)]) == 0


def test_candidates_are_new_and_known_places(shipped: list[Source]) -> None:
    registered = {list_key(url) for source in shipped for url in source.start_urls}
    keys = [list_key(candidate.url) for candidate in candidates()]
    assert len(set(keys)) == len(keys) > 1000
    assert not registered & set(keys)
    for candidate in candidates():
        region = by_adcode(candidate.region)
        assert region is not None and region.adcode == candidate.region
        assert candidate.what in ("home", "list") and candidate.seen_in
        assert not any(candidate.url.split("/")[2].endswith(host) for host in rules().gone)
