"""What keeps code and dependencies in order: floors, configured tools, bots."""
