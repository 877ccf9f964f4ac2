"""Azure ML entities of every dialect as one model."""
