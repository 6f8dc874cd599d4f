"""Figures: the numbers in a text that are about attracted investment."""

from indexer.insight.figures.reader import read_figures

__all__ = ["read_figures"]
