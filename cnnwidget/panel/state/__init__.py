"""The state of a panel, one frozen value, and the transitions from one state to the next."""
