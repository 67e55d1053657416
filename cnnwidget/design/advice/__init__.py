"""Problems (PyTorch refuses), cautions (doubtful), and the mends of both."""
