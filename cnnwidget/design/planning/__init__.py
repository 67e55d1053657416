"""A network worked out row by row: shapes, costs, memory."""
