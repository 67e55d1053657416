"""The parts of forecasting: shapes, examples, transform, predictor, pictures, record."""
