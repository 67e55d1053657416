"""Series of frames: read from anywhere, cut into windows, split, and made up as samples."""
