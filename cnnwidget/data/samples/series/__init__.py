"""The series to choose from: one generator a file."""
