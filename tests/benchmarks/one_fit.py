"""Six epochs of the default design in a process of its own; prints the seconds that they took."""

import time

import cnnwidget as cw

SIZE = (64, 64)

frames = cw.sample("drifting blobs", steps=120, size=SIZE)
design = cw.EncoderDecoder(input_size=SIZE, in_channels=10, out_channels=5)
for epochs in (1, 6):  # PyTorch has its kernels ready after the first
    training = cw.train(design, frames, epochs=epochs)
    start = time.perf_counter()
    for _ in training:
        pass
print(time.perf_counter() - start)
