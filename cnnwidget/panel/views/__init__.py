"""The views of the page, as JSON and bytes."""
