"""What documents say: pages, guides, sites, naming patterns."""
