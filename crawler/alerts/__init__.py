"""Notices to people: addresses, sending by apprise, and what the outbox of the archive holds.

`send(addresses, title, text, html)` sends at once; `deliver(archive, kind, find)` sends what the outbox (`archive.outbox.keep`) holds. Both return
what was not delivered. apprise (extra `alerts`) is imported when something is sent.
"""

from crawler.alerts.address import Address, AddressError, mask, parse_address, reader_mail
from crawler.alerts.deliver import Undelivered, deliver
from crawler.alerts.send import require_apprise, send

__all__ = [
    "Address",
    "AddressError",
    "Undelivered",
    "deliver",
    "mask",
    "parse_address",
    "reader_mail",
    "require_apprise",
    "send",
]
