"""Series and images made up, where one knows what a network has to learn; no file is wanted."""
