"""What a network is trained to do, one file a task; forecasting is the first."""
