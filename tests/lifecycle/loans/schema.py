"""Loan applications: other columns, categories, missing values, three outcomes."""

from ..lifecycle.protocol import Column, Schema

SCHEMA = Schema(
    features=(
        Column("Age of applicant", "number", "Years", minimum=18, maximum=110, typical=(20, 75)),
        Column("income", "number", "Per year", minimum=0, typical=(12_000, 90_000), nullable=True),
        Column("branch", "category", "Branch office", categories=("01", "02", "10")),
        Column("housing", "category", categories=("own", "rent", "free"), nullable=True),
    ),
    target=Column("outcome", "category", categories=("paid", "late", "defaulted")),
    row_id="application",
    version=2,
)
