"""The leaf layers: shapes, costs, saved tensors and the torch call of each."""
