"""A plan as text: table, diagram, source. No arithmetic, and nothing of ours but `design`."""
