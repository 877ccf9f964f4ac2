"""What watches models, services and data."""
