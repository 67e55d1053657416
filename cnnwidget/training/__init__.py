"""A design and frames in, a run out: tasks, baselines, metrics, the loop, and what it leaves."""
