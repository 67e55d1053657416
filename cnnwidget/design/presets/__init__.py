"""Networks of the literature, by name."""
