"""How much of the input each position sees."""
