"""Analysis: normalised text → tokens. `ANALYSIS_VERSION` changes when an index made before can no longer be searched rightly."""

ANALYSIS_VERSION = "2"
