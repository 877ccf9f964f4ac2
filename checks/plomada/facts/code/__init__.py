"""Python: modules, names, values, calls and slices; nothing is imported or run."""
