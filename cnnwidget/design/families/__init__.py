"""The families of designs: their settings, and the networks that these give."""
