"""ZHAOSHANG_* and zhaoshang.toml, for all packages: the environment wins over the file, the file over the defaults."""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from crawler.reasons import describe_error, fault_reason, without_passwords

FILE = Path("zhaoshang.toml")
PREFIX = "ZHAOSHANG_"
TESTS = "ZHAOSHANG_TEST_"  # where the tests find servers


class ConfigurationError(Exception):
    """A setting is wrong; the message names it, where it was set and what it should be."""


class Settings(BaseSettings):
    """Every setting, each `ZHAOSHANG_NAME` in the environment or `name = …` in ./zhaoshang.toml."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True)

    data: Path = Field(default=Path("data"), description="data folder: captures, archive, index, own sources")
    database: str = Field(default="", description="SQLAlchemy URL of the archive; empty: SQLite in the data folder")
    store: str = Field(
        default="",
        description="where closed capture files go: s3://bucket/prefix or a shared folder; empty: they stay in the data folder",
    )
    machine: str = Field(default="", description="this machine's name among several; empty: its host name")
    engine: str = Field(default="tantivy", description="the search engine: a name, or the URL of its server")
    engine_api_key: str = Field(default="", description="API key for the engine's server")
    engine_ca: str = Field(default="", description="CA file for the certificate of the engine's server")
    engine_fingerprint: str = Field(
        default="", description="SHA-256 fingerprint of the certificate of the engine's server"
    )
    engine_index: str = Field(default="zhaoshang", description="alias of the index on the engine's server")
    contact: str = Field(
        default="", description="e-mail or address in the user agent; needed to crawl anything but loopback"
    )
    mail: str = Field(
        default="", description="mail account that notices are sent from, as mailtos://user:password@smtp.example.org"
    )
    ping: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="address that gets a sign of life each night: /start, the address itself, /fail",
    )
    metrics: str = Field(default="", description="file that each night writes its figures for Prometheus to")
    host: str = Field(default="127.0.0.1", description="address the web listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port the web listens on")
    address: str = Field(
        default="",
        description="web addresses under which readers reach the pages, with commas; the first is written into exports",
    )
    proxies: str = Field(default="", description="addresses or networks of the proxies that are believed, with commas")
    user_header: str = Field(default="", description="header in which these proxies name a user whom they know")
    anonymous: bool = Field(default=True, description="whether pages and search may be read without a key")
    limits: str = Field(
        default="search=120/minute export=6/minute captures=60/minute write=20/minute;300/day",
        description="how often somebody without a key may ask, by bucket",
    )
    workers: int = Field(default=0, ge=0, description="worker processes for extraction and analysis; 0: one a core")
    page_timeout: float = Field(default=20.0, gt=0, description="seconds one page may take to extract")
    night_minutes: float = Field(default=240.0, gt=0, description="budget of one night, minutes")
    side_by_side: int = Field(default=16, ge=1, le=1000, description="sites that one crawl asks at once")
    delay: float = Field(default=1.0, ge=0, description="least seconds between two requests to one site")
    private_hosts: str = Field(
        default="", description="hosts, parted by commas, that may be asked though their addresses are not public"
    )
    proxy: str = Field(
        default="",
        pattern=r"^(http://[^\s/]+/?)?$",
        description="http:// address of a proxy through which all sites are asked",
    )

    @field_validator("store", "ping", "address", "proxy")  # the engine tells of its own
    @classmethod
    def _has_whole_addresses(cls, value: str) -> str:
        """Hosts and ports can be read out of each; the message does not repeat them, since there may be a password in one."""
        for address in value.split(","):
            try:
                urlsplit(address.strip()).port  # noqa: B018
            except ValueError:
                raise ValueError("不是完整的网址：主机的方括号不成对，或端口不是 0 到 65535 的数") from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def machine_name(self) -> str:
        return self.machine or socket.gethostname()

    @property
    def worker_count(self) -> int:
        return self.workers or os.cpu_count() or 1


def load_settings(**overrides: object) -> Settings:
    """Settings from overrides, environment, file and defaults. Raises ConfigurationError with one line for each fault."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError("设置有误：" + "；".join(map(_fault, error.errors()))) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{FILE} 不是有效的 TOML：{describe_error(error)}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{FILE} {describe_error(error)}") from error
    except OSError as error:
        raise ConfigurationError(f"{FILE} 读不到：{describe_error(error)}") from error


def _fault(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(x) for x in fault["loc"])
    if fault["type"] == "extra_forbidden":
        close = _nearest(name)
        return f"{name}（{FILE}）：没有这项设置" + (f"，是不是 {close}" if close else "")
    return f"{name}（{origin_of(name)}）：{without_passwords(fault_reason(fault))}"


def unknown_variables() -> dict[str, str]:
    """Environment variables that begin like settings and are none: they change nothing. Each with the nearest right name, or nothing."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    names = sorted(v for v in os.environ if v.upper().startswith(PREFIX) and not v.upper().startswith(TESTS))
    near = {v: _nearest(v.upper().removeprefix(PREFIX)) for v in names if v.upper() not in known}
    return {v: PREFIX + name.upper() if name else "" for v, name in near.items()}


def _nearest(name: str) -> str:
    return next(iter(get_close_matches(name.lower(), Settings.model_fields, n=1, cutoff=0.5)), "")


@cache
def settings() -> Settings:
    """The process's settings, read once. Raises ConfigurationError."""
    return load_settings()


def own_version() -> str:
    """The version that is installed, as pyproject.toml says it; 0 where the packages are not installed but only imported."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("zhaoshang")
    except PackageNotFoundError:
        return "0"


def origin_of(name: str) -> str:
    """Where a setting's value came from: the environment variable's name, the file, or 默认."""
    variable = PREFIX + name.upper()
    if any(k.upper() == variable for k in os.environ):
        return variable
    if FILE.exists() and name in tomllib.loads(FILE.read_text(encoding="utf-8")):
        return str(FILE)
    return "默认"
