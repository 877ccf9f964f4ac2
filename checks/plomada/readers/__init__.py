"""Text to syntax with positions; readers know no Azure."""
