"""The platform's side: the steps of a model's life. Updated with the template; do not edit."""
