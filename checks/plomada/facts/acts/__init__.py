"""Who does what, recognised from one table of tools."""
