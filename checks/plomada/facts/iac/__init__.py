"""How each infrastructure-as-code dialect becomes resources (``facts.resources`` is the door)."""
