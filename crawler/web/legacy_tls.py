"""Old TLS, for sources that ask for it: versions 1.0 and 1.1, ciphers of their day. What all sources may have already stands in the site policy.

Certificates are checked for no source, so that a missing intermediate needs nothing; small keys and the old renegotiation are taken from every site, too
(docs/decisions/0412-old-tls-for-one-source.md).
"""

from __future__ import annotations

import re

CIPHERS = "ALL:!aNULL:@SECLEVEL=0"
LEAST = "TLSv1.0"
REMEDY = '网站可能只会旧的 TLS，确认要采就在来源文件里写 tls = "legacy"'

# as OpenSSL says it, with spaces or underlines: what another version or cipher may mend
_OLD = re.compile(
    r"protocol.version|unsupported.protocol|handshake.failure|inappropriate.fallback|insufficient.security"
    r"|key.too.small|legacy.renegotiation|unsafe.legacy|no.shared.cipher|no.ciphers.available|version.too.low|版本过旧",
    re.IGNORECASE,
)


def may_help(said: str) -> bool:
    """Whether a handshake that failed, with these words, may come about with old TLS."""
    return _OLD.search(said) is not None


def with_remedy(said: str) -> str:
    """Why a handshake failed, with what to do about it where that may help."""
    return f"{said}；{REMEDY}" if may_help(said) else said
