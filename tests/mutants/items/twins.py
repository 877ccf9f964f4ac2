"""The whole said in another language: Terraform for Bicep. The files stand in ``twins``.

Each saying has mutants of its own, so that its silence is no praise.
"""

from __future__ import annotations

import re

from tests.mutants.items import AZURE, CI
from tests.mutants.mutation import (
    Change,
    DeleteLike,
    Edit,
    Everywhere,
    Harmless,
    Mutant,
    Overlay,
    Place,
    Rewrite,
    comment_out,
)

BOOTSTRAP = f"{AZURE}/bootstrap.py"
ESTATE = (
    "INF1", "INF2", "INF3", "INF4", "INF5", "INF6", "INF7", "DEP2", "MON1", "MON3", "MON4", "MON5",
    "SEC1", "SEC2", "SEC3", "SEC4", "SEC5", "GOV2", "GOV3", "GOV4",
)  # fmt: skip
WITHOUT_BICEP = DeleteLike((".bicep", ".bicepparam", "bicepconfig.json"))
CHECKOV = "--directory infra --framework bicep"


def prepared_by_terraform(text: str) -> str:
    """Let the bootstrap's two deployments be two of Terraform's."""
    text = re.sub(
        r'az\(\n +"deployment", "sub", "create".*?changes=True,?\n +\)',
        "_applied({})",
        text,
        flags=re.S,
    )
    return (
        text.replace("_applied({})", "_applied(SHARED, wanted.location, subjects[SHARED])", 1)
        .replace("_applied({})", "_applied(environment, wanted.location, subjects[environment])", 1)
        .replace('SHARED_TEMPLATE = "infra/bootstrap-shared.bicep"\n', "", 1)
        .replace('TEMPLATE = "infra/bootstrap.bicep"\n', "", 1)
        .replace(
            "\n\ndef _outputs(answer: Any)",
            """

def _applied(environment: str, location: str, subject: str) -> Any:
    terraform(
        "infra/bootstrap", "apply", "-auto-approve", f"-var=environment={environment}",
        f"-var=location={location}", f"-var=deploy_subject={subject}",
    )
    return terraform("infra/bootstrap", "output", "-json")


def _outputs(answer: Any)""",
            1,
        )
        .replace("from .github import (", "from .serving import terraform\nfrom .github import (", 1)
    )  # fmt: skip


TERRAFORM: tuple[Change, ...] = (
    WITHOUT_BICEP,
    Overlay("terraform"),
    Edit(CI, "hashFiles('infra/*.bicep')", "hashFiles('infra/*.tf')"),
    Edit(CI, CHECKOV, CHECKOV.replace("bicep", "terraform")),
    Rewrite((BOOTSTRAP,), prepared_by_terraform),
)
TF = "infra/modules"
ASSOCIATION = 'resource "azurerm_subnet_network_security_group_association"'
PUBLIC_WORKSPACE = """\
    isolation_mode                = var.isolation_mode
"""
LOGS_OF_VAULT = """\
  enabled_log {
    category_group = "allLogs"
  }

"""
FIRST_GRANT = """\
    workspace-blobs    = { principal = var.workspace, role = "Storage Blob Data Contributor", scope = var.storage_id }
"""


def without_logs(text: str) -> str:
    """Let the diagnostic settings send metrics alone."""
    return text.replace(LOGS_OF_VAULT, "")


def disabled(text: str) -> str:
    """Switch the alert rules off."""
    return re.sub(
        r'(resource "azurerm_monitor_\w*alert\w*" "\w+" \{\n)', r"\1  enabled = false\n", text
    )


MUTANTS = (
    Mutant(
        "INF3", "delete", "Terraform's storage lost its tags",
        (*TERRAFORM, Edit(f"{TF}/storage/main.tf", "  tags                     = var.tags\n", "")),
        (Place(f"{TF}/storage/main.tf", 'resource "azurerm_storage_account"'),),
    ),
    Mutant(
        "INF6", "retarget", "Terraform attaches its groups to network interfaces",
        (*TERRAFORM,
         Everywhere(ASSOCIATION, ASSOCIATION.replace("subnet_", "network_interface_"), f"{TF}/network/"),
         Everywhere("  subnet_id                 =", "  network_interface_id      =", f"{TF}/network/")),
        (Place(f"{TF}/network/main.tf", 'resource "azurerm_network_security_group" "endpoints"'),),
    ),
    Mutant(
        "INF7", "comment", "Terraform's vault has no private endpoint",
        (*TERRAFORM, comment_out("infra/main.tf", """\
      vault     = { target = module.key_vault.id, group = "vault", zone = "privatelink.vaultcore.azure.net" }
""")),
        (Place(f"{TF}/key-vault/main.tf", 'resource "azurerm_key_vault"'),),
    ),
    Mutant(
        "SEC3", "widen", "Terraform makes the workspace Contributor of the group",
        (*TERRAFORM, Edit(f"{TF}/access/main.tf", FIRST_GRANT,
                          FIRST_GRANT + FIRST_GRANT.replace("-blobs   ", "-all     ")
                          .replace("Storage Blob Data Contributor", "Contributor")
                          .replace("var.storage_id", "var.group_id"))),
        (Place(f"{TF}/access/main.tf", "  role_definition_name"),),
    ),
    Mutant(
        "SEC4", "disable", "Terraform's workspace is public and unmanaged",
        (*TERRAFORM, Edit(f"{TF}/workspace/main.tf", PUBLIC_WORKSPACE, PUBLIC_WORKSPACE.replace("var.isolation_mode", '"Disabled"')),
         Edit(f"{TF}/workspace/main.tf", "= var.public_access\n", "= true\n"),
         comment_out("infra/main.tf", """\
      workspace = { target = module.workspace.id, group = "amlworkspace", zone = "privatelink.api.azureml.ms" }
""")),
        (Place(f"{TF}/workspace/main.tf", "  public_network_access_enabled"),),
        {"INF7": "each declared workspace has a private endpoint"},
    ),
    Mutant(
        "SEC5", "lower", "Terraform's storage takes TLS 1.0",
        (*TERRAFORM, Edit(f"{TF}/storage/main.tf", '"TLS1_2"', '"TLS1_0"')),
        (Place(f"{TF}/storage/main.tf", "  min_tls_version"),),
    ),
    Mutant(
        "GOV3", "retarget", "Terraform looks at a budget that somebody else made",
        (*TERRAFORM, Edit(f"{TF}/budget/main.tf", 'resource "azurerm_consumption', 'data "azurerm_consumption')),
    ),
    Mutant(
        "GOV4", "hollow", "Terraform sends metrics alone",
        (*TERRAFORM, Rewrite((f"{TF}/key-vault/main.tf", f"{TF}/workspace/main.tf"), without_logs)),
        (Place(f"{TF}/workspace/main.tf", 'resource "azurerm_monitor_diagnostic_setting"'),),
    ),
    Mutant(
        "DEP2", "disable", "Terraform's autoscale settings are off",
        (*TERRAFORM, Edit("infra/serving/main.tf", "  enabled             = true\n", "  enabled             = false\n")),
        (Place("aml/deployments/online-blue.yml", "instance_count: 2"),),
    ),
    Mutant(
        "INF1", "unreachable", "no pipeline applies Terraform",
        (*TERRAFORM, Everywhere("apply -input=false -auto-approve", "plan -input=false", ".github/")),
        (Place(f"{TF}/workspace/main.tf", 'resource "azurerm_machine_learning_workspace"'),),
    ),
)  # fmt: skip
HARMLESS = (
    Harmless(ESTATE, "the infrastructure is said in Terraform", TERRAFORM, ("infra/", ".github/workflows/infra.yml")),
)  # fmt: skip
