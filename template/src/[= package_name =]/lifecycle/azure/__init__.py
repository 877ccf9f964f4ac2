"""Delivery to Azure: training jobs, releases, promotion and what undoes them.

Every act on Azure is a command of the `az` command line, run by `client.az` with literal words:
what a person reads in the documentation is what this code does. Where things are called comes from
environment variables alone (`settings`).
"""
