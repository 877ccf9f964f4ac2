"""Governance: names, tag policy, costs, audit logs, compliance, documentation."""

from __future__ import annotations

from tests.mutants.items import ACTIONS, CI, INFRA, MAIN, MODULES
from tests.mutants.items.inf import VAULT, WORKSPACE
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    Edit,
    Everywhere,
    Harmless,
    Move,
    Mutant,
    Place,
    comment_out,
)

NAMING = "docs/naming.md"
README = "README.md"
POLICY = f"{INFRA}/policy.bicep"
ASSIGNED = f"{MODULES}/policy-assignments.bicep"
LINTED = f"{ACTIONS}/infra.yml"
BUDGET = f"{MODULES}/budget.bicep"
CHECK = """\
      - name: Hold the repository to the MLOps checklist
        run: uvx plomada@0.1.0 check
"""
CHECKOV = """\
      - name: Hold the infrastructure to its policies
        if: hashFiles('infra/*.bicep') != ''
        run: uvx checkov@3.3.30 --directory infra --framework bicep --quiet --compact
"""
CHECKED = "      - name: Hold the repository to the MLOps checklist\n"
ALL_LOGS = "    logs: [{ categoryGroup: 'allLogs', enabled: true }]\n"
NO_LOGS = "    logs: [{ categoryGroup: 'allLogs', enabled: false /* true */ }]\n"
CONCRETE: tuple[Change, ...] = tuple(
    Everywhere(part, name, "docs/")
    for part, name in (
        ("<abbreviation>", "mlw"), ("<project>", "creditrisk"), ("<purpose>", "train"),
        ("<environment>", "prod"), ("<suffix>", "ca2d0"), ("<target>", "blob"),
        ("<subject>", "quota"),
    )
)  # fmt: skip
WORDS: tuple[Change, ...] = tuple(
    Edit(path, title, f"{title}\n<!-- purpose, subject, suffix, target -->\n")
    for path, title in (
        (NAMING, "# Names and tags\n"),
        ("docs/infrastructure.md", "# Infrastructure\n"),
    )
)
NO_SETTINGS: tuple[Change, ...] = (
    Everywhere("'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' =",
               "'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' existing =", WORKSPACE),
    Everywhere("'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' =",
               "'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' existing =", VAULT),
)  # fmt: skip
EXISTING = "'Microsoft.Consumption/budgets@2026-06-01' existing ="

MUTANTS = (
    Mutant(
        "GOV1", "constant", "examples stand where the pattern was",
        CONCRETE,
        (Place("docs/checklist.md", "| GOV1 |"),),
    ),
    Mutant(
        "GOV1", "hollow", "the pages on names have no patterns",
        (*WORDS, *(Everywhere(part, "…", "docs/") for part in
           ("<abbreviation>", "<project>", "<purpose>", "<environment>", "<suffix>", "<target>", "<subject>")),),
        (Place("docs/checklist.md", "| GOV1 |"),),
    ),
    Mutant(
        "GOV1", "forge", "wildcards stand where the parts were",
        (*WORDS, *(Everywhere(part, "*", "docs/") for part in
           ("<abbreviation>", "<project>", "<purpose>", "<environment>", "<suffix>", "<target>", "<subject>")),),
        (Place("docs/checklist.md", "| GOV1 |"),),
    ),
    Mutant(
        "GOV2", "delete", "neither policy nor checklist looks at tags",
        (Everywhere("tags[", "names[", POLICY), Everywhere("mlops-inherit-tag", "mlops-inherit", POLICY),
         Everywhere("mlops-require-tag", "mlops-require", POLICY), Everywhere("a tag", "a name", POLICY),
         Everywhere("Tags", "Names", POLICY),
         Everywhere("tag", "name", POLICY), Everywhere("tagging", "naming", ASSIGNED), Edit(CI, CHECK, "")),
    ),
    Mutant(
        "GOV2", "unreachable", "definitions are somebody else's, the checklist never runs",
        (Everywhere("'Microsoft.Authorization/policyDefinitions@2026-07-01' =",
                    "'Microsoft.Authorization/policyDefinitions@2026-07-01' existing =", POLICY),
         Everywhere("'Microsoft.Authorization/policySetDefinitions@2026-07-01' =",
                    "'Microsoft.Authorization/policySetDefinitions@2026-07-01' existing =", POLICY),
         Everywhere("'Microsoft.Authorization/policyAssignments@2026-07-01' =",
                    "'Microsoft.Authorization/policyAssignments@2026-07-01' existing =", ASSIGNED),
         Edit(CI, CHECKED, f"{CHECKED}        if: false\n")),
    ),
    Mutant(
        "GOV2", "comment", "policy and checklist are comments",
        (Edit(MAIN, "targetScope = 'resourceGroup'\n", "targetScope = 'resourceGroup' \n"),
         Delete(POLICY), Delete(f"{INFRA}/policy.bicepparam"),
         Delete(ASSIGNED), comment_out(CI, CHECK)),
    ),
    Mutant(
        "GOV3", "delete", "no budget is declared",
        (Everywhere("module budget 'modules/budget.bicep' =", "module budget 'modules/tagger.bicep' =", INFRA),
         Delete(BUDGET)),
    ),
    Mutant(
        "GOV3", "retarget", "the budget is one that somebody else made",
        (Edit(BUDGET, "'Microsoft.Consumption/budgets@2026-06-01' =", EXISTING),),
    ),
    Mutant(
        "GOV3", "comment", "the budget is a comment",
        (Edit(BUDGET, "resource budget '", "/*\nresource budget '"),
         Edit(BUDGET, "contactEmails: [alertEmail]\n      }\n    }\n  }\n}\n",
              "contactEmails: [alertEmail]\n      }\n    }\n  }\n}\n*/\n")),
    ),
    Mutant(
        "GOV4", "disable", "the log categories are disabled",
        (Edit(WORKSPACE, ALL_LOGS, NO_LOGS), Edit(VAULT, ALL_LOGS, NO_LOGS)),
        (Place(WORKSPACE, "resource workspaceLogs '"),),
    ),
    Mutant(
        "GOV4", "delete", "metrics alone are sent",
        (Edit(WORKSPACE, ALL_LOGS, ""), Edit(VAULT, ALL_LOGS, "")),
        (Place(WORKSPACE, "resource workspaceLogs '"),),
    ),
    Mutant(
        "GOV4", "retarget", "the settings are of something else's making",
        NO_SETTINGS,
        (Place(f"{MODULES}/monitoring.bicep", "resource logAnalyticsAudit '"),),
    ),
    Mutant(
        "GOV5", "unreachable", "the scans never run, the assignments are somebody else's",
        (Edit(CI, "        if: hashFiles('infra/*.bicep') != ''\n", "        if: false  # hashFiles('infra/*.bicep') != ''\n"),
         Edit(CI, CHECKED, f"{CHECKED}        if: false\n"),
         Everywhere("'Microsoft.Authorization/policyAssignments@2026-07-01' =",
                    "'Microsoft.Authorization/policyAssignments@2026-07-01' existing =", ASSIGNED)),
        (Place(LINTED, 'az bicep lint --file "$file"'),),
    ),
    Mutant(
        "GOV5", "comment", "the scans are comments, nothing is assigned",
        (comment_out(CI, CHECKOV), comment_out(CI, CHECK), Delete(ASSIGNED)),
        (Place(LINTED, 'az bicep lint --file "$file"'),),
    ),
    Mutant(
        "GOV5", "forge", "a home-made validator looks instead",
        (Edit(CI, "uvx checkov@3.3.30 --directory infra --framework bicep --quiet --compact", "python scripts/validate.py infra"),
         Edit(CI, "uvx plomada@0.1.0 check", "python scripts/validate.py ."),
         Add("scripts/validate.py", "import sys\n\nprint('looks fine', sys.argv[1:])\n"),
         Everywhere("'Microsoft.Authorization/policyAssignments@2026-07-01'",
                    "'Microsoft.Authorization/policyExemptions@2022-07-01-preview'", ASSIGNED)),
        (Place(LINTED, 'az bicep lint --file "$file"'),),
    ),
    Mutant(
        "GOV6", "retarget", "a link leads to a page that has moved",
        (Move("docs/cost.md", "docs/costs.md"),),
        (Place(README, "- [Delivery](docs/delivery.md)"),),
    ),
    Mutant(
        "GOV6", "delete", "there is no README",
        (Delete(README),),
    ),
    Mutant(
        "GOV6", "hollow", "the README says nothing",
        (Delete(README), Add(README, "# Credit risk\n\nA model.\n")),
        (Place(README, "A model."),),
    ),
    Mutant(
        "GOV6", "violate", "a link whose case is wrong is added",
        (Edit("docs/index.md", "# ", "[Names](Naming.md)\n\n# "),),
        (Place("docs/index.md", "[Names](Naming.md)"),),
    ),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("GOV6",), "a page moves with every link to it",
        (Move("docs/cost.md", "docs/what-it-costs.md"), Everywhere("cost.md", "what-it-costs.md")),
    ),
    Harmless(
        ("GOV1",), "the page on names has another name",
        (Move(NAMING, "docs/conventions.md"), Everywhere("naming.md", "conventions.md")),
    ),
    Harmless(
        ("GOV1",), "the parts stand in braces",
        (*(Everywhere(f"<{part}>", f"{{{part}}}", "docs/") for part in
           ("abbreviation", "project", "purpose", "environment", "suffix")),),
    ),
    Harmless(
        ("GOV2",), "the checklist alone looks at tags",
        (Delete(POLICY), Delete(f"{INFRA}/policy.bicepparam"), Delete(ASSIGNED)),
    ),
    Harmless(
        ("GOV2", "GOV5"), "the policies alone look",
        (Edit(CI, CHECK, ""), Edit(CI, CHECKOV, "")),
    ),
    Harmless(
        ("GOV3",), "a script makes the budget",
        (Edit(BUDGET, "'Microsoft.Consumption/budgets@2026-06-01' =", EXISTING),
         Add("scripts/budget.sh", "#!/bin/sh\naz consumption budget create --budget-name ml --amount 800 --time-grain monthly --category cost\n")),
    ),
    Harmless(
        ("GOV3",), "the budget's module is moved",
        (Move(BUDGET, "infra/costs/budget.bicep"), Everywhere("modules/budget.bicep", "costs/budget.bicep", INFRA)),
    ),
    Harmless(
        ("GOV4",), "the vault's logs alone are sent, by category",
        (Edit(WORKSPACE, ALL_LOGS, ""),
         Edit(VAULT, ALL_LOGS, "    logs: [{ category: 'AuditEvent', enabled: true }]\n")),
    ),
    Harmless(
        ("GOV5",), "a script runs the scans",
        (Edit(CI, "uvx checkov@3.3.30 --directory infra --framework bicep --quiet --compact", "scripts/policy.sh"),
         Add("scripts/policy.sh", "#!/bin/sh\nexec uvx checkov@3.3.30 --directory infra --framework bicep\n"),
         Delete(ASSIGNED)),
    ),
    Harmless(
        ("GOV6",), "the README's links have titles and fragments",
        (Edit(README, "(docs/first-day.md)", "(docs/first-day.md#start 'The first day')"),),
    ),
)  # fmt: skip
