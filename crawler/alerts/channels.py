"""DATA/notify.toml: whom the operator wants to be told. It holds secrets, so that nobody but its owner may read it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.alerts.address import Address
from crawler.archive.keeping.replace_file import replace_file
from crawler.configuration import ConfigurationError
from crawler.reasons import describe_error, fault_reason

NAME = "notify.toml"


@dataclass(frozen=True, slots=True)
class Channel:
    """An address with what is sent there: each night, or only those after which something changed."""

    address: Address
    always: bool = False


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str
    always: bool = False


def read_channels(data: Path) -> dict[str, Channel]:
    """The channels by name. Raises ConfigurationError, which tells no address."""
    path = data / NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = {name: _Entry.model_validate(entry) for name, entry in found.items()}
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{path} {where}：{fault_reason(first)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path} 读不懂：{describe_error(error)}") from None
    return {name: Channel(Address(name, entry.url), entry.always) for name, entry in entries.items()}


def write_channels(data: Path, channels: Mapping[str, Channel]) -> None:
    """Write the file anew, for its owner alone. Raises OSError."""
    path = data / NAME
    data.mkdir(parents=True, exist_ok=True)
    entries = {
        name: {"url": channel.address.url} | ({"always": True} if channel.always else {})
        for name, channel in channels.items()
    }
    # the file that takes its place is made for its owner before anything is written into it
    os.close(os.open(path.with_name(f"{NAME}.new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    replace_file(path, tomli_w.dumps(entries))
