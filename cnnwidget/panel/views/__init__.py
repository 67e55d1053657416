"""What the page shows, as plain JSON and bytes."""
