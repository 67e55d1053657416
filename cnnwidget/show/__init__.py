"""A plan as text: table, diagram, source. Nothing is computed here."""
