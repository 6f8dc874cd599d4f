"""Sends what is due once a minute, for as long as a server or the schedule runs."""

from __future__ import annotations

import logging
import threading

from crawler.archive import ArchiveError, missing_archive
from indexer.engines.base import EngineError
from search_api.watches.sending import send_due
from search_api.web.app_state import AppState

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


def keep_sending(app_state: AppState, base: str, ended: threading.Event) -> None:
    """Until `ended` is set. Where archive or engine are away nothing is lost: they are asked again, and it is told once."""
    told = ""
    while not ended.wait(EVERY):
        try:
            if missing_archive(app_state.settings):
                continue  # a server may come before the first night, and makes no archive
            sent = send_due(app_state, base)
        except (ArchiveError, EngineError) as error:
            if str(error) != told:
                log.warning("关注没有发送：%s", error)
            told = str(error)
            continue
        told = ""
        for line in (*sent.faults, *sent.problems):
            log.warning("%s", line)
