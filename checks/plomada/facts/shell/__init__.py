"""Shell: command lines, what scripts come to, and texts put into them."""
