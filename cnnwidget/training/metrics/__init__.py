"""Scores of a forecast, and the baselines that it is compared with."""
