"""Verdicts to text, JSON and what code hosts read; reports know no facts."""
