"""Whether hits show the sentence that proves what was asked for."""
