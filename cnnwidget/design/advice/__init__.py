"""What PyTorch refuses, what is doubtful, and the changes that mend it."""
