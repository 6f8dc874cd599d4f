"""Source files for tests."""

from __future__ import annotations

from crawler.configuration import Settings


def write_source(settings: Settings, *urls: str, name: str = "sample", **facts: str) -> None:
    lines = {"name": f'"{name}"', "title": '"样例"', "kind": '"news"', "region": '"340000"', "seen_in": '"测试"'}
    lines |= {"start_urls": str(list(urls)).replace("'", '"')} | facts
    path = settings.data / "sources" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(f"{key} = {value}" for key, value in lines.items()), encoding="utf-8")
