"""The engines: found in this folder, a folder each, and chosen by the setting."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from crawler.configuration import Settings
from indexer.engines.base import Engine, EngineKind, EngineUnavailable


@cache
def engines() -> tuple[EngineKind, ...]:
    """What each engine's folder says of it, the default first. Nothing that an engine is made of is imported."""
    folder = import_module(__name__.rpartition(".")[0])
    names = [f"{folder.__name__}.{found.name}" for found in pkgutil.iter_modules(folder.__path__) if found.ispkg]
    kinds: list[EngineKind] = [import_module(name).ENGINE for name in names]
    default = str(Settings.model_fields["engine"].default)
    return tuple(sorted(kinds, key=lambda kind: (not kind.answers_to(default), kind.name)))


def engine_kind(settings: Settings) -> EngineKind:
    """The engine that the settings mean. Raises EngineUnavailable where there is none."""
    for kind in engines():
        if kind.answers_to(settings.engine):
            return kind
    known = "，或 ".join(kind.setting for kind in engines())
    raise EngineUnavailable(f"设置 engine 的值“{settings.engine}”无法识别：请写 {known}。")


def open_engine(settings: Settings, *, write: bool = False) -> Engine:
    """The engine of the settings. Raises EngineUnavailable or IndexOutdated; an index that does not exist yet is an empty one."""
    return engine_kind(settings).open(settings, write)
