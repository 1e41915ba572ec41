"""Measurements, as ratios within one run: on shared machines seconds mean little."""
