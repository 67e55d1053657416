"""The controls: widgets that a person sets, and the values they stand for."""
