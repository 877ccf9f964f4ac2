"""Code that trains and scores, and the lines from data to model to deployment."""
