"""What runs what, from steps and hooks through scripts, targets and specs."""
