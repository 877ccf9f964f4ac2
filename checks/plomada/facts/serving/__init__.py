"""What serves beside Azure ML endpoints, in which images, and how traffic moves."""
