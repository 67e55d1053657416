"""The plan of a network, row by row: shapes, costs, memory."""
