"""What was taken down, and may not come back."""
