"""Practices as the taxonomy names them."""

from __future__ import annotations


def practice_name(practice: str) -> str:
    """飞地 for enclave; the id where the taxonomy does not know it."""
    return practice
