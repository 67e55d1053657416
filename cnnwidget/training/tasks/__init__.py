"""The tasks that networks are trained for, one file a task; forecasting is the first."""
