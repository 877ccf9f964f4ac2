"""What decides what, within a process and across processes."""
