"""Collects: sources → captures → articles."""
