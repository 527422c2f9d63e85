"""Measurements against real pages and peers. Nothing here is imported by the package or needed by its tests."""
