"""Insight: what an article says about investment promotion, each statement with the sentence that proves it."""

from indexer.insight.explain import explain
from indexer.insight.practices import PracticeRule
from indexer.insight.practices import rules as practice_rules
from indexer.insight.reader import INSIGHT_VERSION, read
from indexer.insight.reading import Figure, Practice, Reading

__all__ = ["INSIGHT_VERSION", "Figure", "Practice", "PracticeRule", "Reading", "explain", "practice_rules", "read"]
