"""What sliders say of a network, and the network that it means."""
