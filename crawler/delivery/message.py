"""One message to one reader, and what went wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the same each time that the message is sent, so that a receiver knows it again; `stop` is the address that ends it, '' for none;
    `data` is what a web address gets, as JSON."""

    id: str
    subject: str
    text: str
    html: str
    brief: str  # for chat robots, which take little
    data: Mapping[str, Any]
    stop: str = ""


class DeliveryError(Exception):
    """A message did not arrive; the text is one line for the reader and the operator, without secrets.

    `ours`: not its recipient is at fault but what the operator set up, or the server through which we send.
    """

    def __init__(self, text: str, *, ours: bool = False) -> None:
        super().__init__(text)
        self.ours = ours
