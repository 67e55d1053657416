"""A plan as a torch module. The only room that imports torch."""
