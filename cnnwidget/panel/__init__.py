"""The widget: a thin shell over the rooms below it."""
