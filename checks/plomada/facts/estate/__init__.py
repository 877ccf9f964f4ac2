"""The resources that the repository declares, and what is true of them."""
