"""What only shows after many nights, many pages or many accidents."""
