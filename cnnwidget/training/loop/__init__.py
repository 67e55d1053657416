"""The training loop and its parts: batches, losses, optimizers, schedule, memory."""
