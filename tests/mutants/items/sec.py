"""Security: secrets, identities, roles, isolation, encryption, scans."""

from __future__ import annotations

from tests.mutants.items import ACTIONS, AZURE, INFRA, MAIN, MODULES
from tests.mutants.items.inf import STORAGE, WORKSPACE
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    Edit,
    Everywhere,
    Harmless,
    Mutant,
    Place,
    comment_out,
    insert_after,
)

SECURITY = f"{ACTIONS}/security.yml"
DEPENDABOT = ".github/dependabot.yml"
SECRETS = f"{AZURE}/secrets.py"
SETTINGS = f"{AZURE}/settings.py"
ACCESS = f"{MODULES}/access.bicep"
DEPLOYER = f"{MODULES}/deployer.bicep"
ONLINE = "aml/endpoints/online.yml"
PRODUCTION = f"{INFRA}/prod.bicepparam"
# Parts, so that no scanner takes this file's own text for a secret.
TOKEN = "ghp" + "_" + "xB7Qm2Rt9Vb4Kc1Lz8Np3Ws6Yd5Hf0JgAeUo"
KEY = "Zk7" + "vQ2mX9tRb4Lc8Np3Ws6Yd5Hf0JgAeUo1Ti=="
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ROLE = "roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)"
WORKSPACE_ENDPOINT = """\
module workspaceEndpoint 'modules/private-endpoint.bicep' = {
  name: 'private-endpoint-workspace'
  params: {
    name: '${names.privateEndpoint}-workspace'
    location: location
    tags: tags
    subnetId: network.outputs.endpointSubnetId
    targetId: workspace.outputs.id
    groupId: 'amlworkspace'
    zoneIds: [dnsZones.outputs.zoneIds.workspace, dnsZones.outputs.zoneIds.notebooks]
  }
}
"""
NO_ENDPOINT = {"INF7": "each declared workspace has a private endpoint"}
TRUFFLEHOG = """\
      - name: Look for secrets
        uses: trufflesecurity/trufflehog@bcfcf73aaf4759d4dadc2783177c245a02792318 # v3.97.0
        with:
          version: 3.97.0
          extra_args: --results=verified,unknown
"""
SCANNED = "          image-ref: scoring:scan\n"
TRIVY = """\
      - name: Scan
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: scoring:scan
          severity: HIGH,CRITICAL
          ignore-unfixed: true
          exit-code: "1"
"""
REVIEW = """\
      - name: Compare with the advisory database
        uses: actions/dependency-review-action@2031cfc080254a8a887f58cffee85186f0e49e48 # v4.9.0
        with:
          fail-on-severity: high
"""
PULLED = "    if: github.event_name == 'pull_request' && (github.event.repository.visibility == 'public' || vars.CODEQL == 'true')\n"
AUDIT = "          uvx pip-audit==2.10.1 --requirement requirements.lock.txt --require-hashes --disable-pip\n"
UV = """\
  - package-ecosystem: uv
    directory: /
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
    groups:
      python:
        patterns: ["*"]
"""
DOCKER = """\
  - package-ecosystem: docker
    directories: [/aml/environments/scoring]
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
"""
ISOLATED: tuple[Change, ...] = (
    Edit(WORKSPACE, "      isolationMode: isolationMode\n", "      isolationMode: 'Disabled'\n"),
)


def off(path: str, job: str) -> Edit:
    """Return the edit after which a job never runs, by its display name."""
    return Edit(path, f"    name: {job}\n", f"    name: {job}\n    if: false\n")


MUTANTS = (
    Mutant(
        "SEC1", "constant", "the vault is read for show, the secret stands beside it",
        (Edit(SECRETS, "        return client.get_secret(name).value or \"\"\n",
              f"        client.get_secret(name)\n        database_password = \"{KEY}\"\n"
              "        return database_password\n"),),
        (Place(SECRETS, "database_password = \""),),
    ),
    Mutant(
        "SEC1", "comment", "a token stands in a comment",
        (insert_after(SETTINGS, "SPECS = Path(\"aml\")\n", f"# until the vault is there: {TOKEN}\n"),),
        (Place(SETTINGS, "# until the vault is there"),),
    ),
    Mutant(
        "SEC1", "violate", "a workflow carries a password",
        (insert_after(f"{ACTIONS}/batch.yml", "      AZURE_LOCATION: ${{ vars.AZURE_LOCATION }}\n",
                      f"      SQL_PASSWORD: {KEY}\n"),),
        (Place(f"{ACTIONS}/batch.yml", "SQL_PASSWORD"),),
    ),
    Mutant(
        "SEC1", "violate", "the documentation shows a real token",
        (Add("docs/access.md", f"# Access\n\nLog in with `gh auth login --with-token` and `{TOKEN}`.\n"),),
        (Place("docs/access.md", "Log in with"),),
    ),
    Mutant(
        "SEC2", "constant", "nothing declares an identity",
        (Everywhere("type: 'UserAssigned'", "type: 'None' // 'UserAssigned'", MODULES),
         Everywhere("{ type: 'SystemAssigned' }", "{ type: 'None' /* SystemAssigned */ }", f"{MODULES}/registry.bicep"),
         Edit(ONLINE, "  type: system_assigned\n", "  type: none  # system_assigned\n"),
         Edit(SECRETS, "credential=DefaultAzureCredential()",
              "credential=ClientSecretCredential()  # no DefaultAzureCredential()"),
         Edit(SECRETS, "CredentialUnavailableError, DefaultAzureCredential\n",
              "ClientSecretCredential, CredentialUnavailableError\n")),
        (Place(SECRETS, "        vault_url="),), {"DEP1": "no endpoint is configured to do without"},
    ),
    Mutant(
        "SEC2", "delete", "identities are gone from workspace, clusters, registry, endpoint and code",
        (Everywhere("  identity: {\n    type: 'UserAssigned'\n", "  plan: {\n", MODULES),
         Everywhere("  identity: { type: 'SystemAssigned' }\n", "", f"{MODULES}/registry.bicep"),
         Edit(ONLINE, "identity:\n  type: system_assigned\n", ""),
         Everywhere("DefaultAzureCredential", "AzureCliCredential", SECRETS)),
        (Place(SECRETS, "        vault_url="),),
    ),
    Mutant(
        "SEC2", "comment", "identities are comments",
        (Everywhere("  identity: {\n    type: 'UserAssigned'\n", "  plan: { // identity, type: 'UserAssigned'\n", MODULES),
         Everywhere("  identity: { type: 'SystemAssigned' }\n", "  // identity: { type: 'SystemAssigned' }\n", f"{MODULES}/registry.bicep"),
         Edit(ONLINE, "identity:\n  type: system_assigned\n", "# identity:\n#  type: system_assigned\n"),
         Edit(SECRETS, "credential=DefaultAzureCredential()", "credential=None  # DefaultAzureCredential()"),
         Edit(SECRETS, "CredentialUnavailableError, DefaultAzureCredential\n", "CredentialUnavailableError\n")),
    ),
    Mutant(
        "SEC3", "widen", "the workspace's identity is a contributor of the group, by GUID",
        (Edit(ACCESS, ROLE, f"{ROLE.replace(', role)', '')}, '{CONTRIBUTOR}')"),),
        (Place(ACCESS, f"    {ROLE.replace(', role)', '')}, '{CONTRIBUTOR}')"),
         Place(ACCESS, "resource workspaceAdministration '")),
    ),
    Mutant(
        "SEC3", "widen", "the deployer's own role may do anything",
        (insert_after(DEPLOYER, "        actions: [\n", "          '*'\n"),),
        (Place(DEPLOYER, "resource deployment '"), Place(DEPLOYER, "resource deployerRole '"),
         Place(DEPLOYER, "        actions: ["), Place(DEPLOYER, "          '*'"),
         Place(DEPLOYER, "    roleDefinitionId: deployerRole.id")),
    ),
    Mutant(
        "SEC3", "violate", "a script makes a contributor of the subscription",
        (Add("scripts/first-day.sh", "#!/bin/sh\naz ad sp create-for-rbac --name ci --role Contributor "
             '--scopes "/subscriptions/$SUBSCRIPTION"\n'),),
        (Place("scripts/first-day.sh", "az ad sp create-for-rbac"),),
    ),
    Mutant(
        "SEC3", "constant", "the list of roles names the owner under another name",
        (Edit(f"{INFRA}/roles.json", '"azureAiAdministrator": "b78c5d69-af96-48a3-bf8d-a8b4d589de94"',
              f'"azureAiAdministrator": "{OWNER}"'),),
        (Place(ACCESS, f"    {ROLE}"), Place(ACCESS, "resource workspaceAdministration '")),
    ),
    Mutant(
        "SEC4", "constant", "open to everybody, no managed network, its endpoint gone",
        (*ISOLATED, Edit(WORKSPACE, "publicAccess ? 'Enabled' : 'Disabled'", "'Enabled'"),
         Edit(MAIN, WORKSPACE_ENDPOINT, "")),
        (Place(WORKSPACE, "    publicNetworkAccess: 'Enabled'"),), NO_ENDPOINT,
    ),
    Mutant(
        "SEC4", "disable", "production lets addresses in, its endpoint leads elsewhere",
        (*ISOLATED, insert_after(PRODUCTION, "param lockResources = true\n",
                                 "param allowedAddresses = ['0.0.0.0/0']\n"),
         Edit(MAIN, WORKSPACE_ENDPOINT, WORKSPACE_ENDPOINT.replace("workspace.outputs.id", "storage.outputs.id")
              .replace("groupId: 'amlworkspace'", "groupId: 'web'"))),
        (Place(WORKSPACE, "    publicNetworkAccess: publicAccess"),), NO_ENDPOINT,
    ),
    Mutant(
        "SEC4", "comment", "what isolates it is a comment",
        (Edit(WORKSPACE, "    managedNetwork: {\n      isolationMode: isolationMode\n      outboundRules: outboundRules\n    }\n",
              "    // managedNetwork: {\n    //   isolationMode: isolationMode\n    //   outboundRules: outboundRules\n    // }\n"),
         Edit(WORKSPACE, "    publicNetworkAccess: publicAccess", "    // publicNetworkAccess: publicAccess"),
         comment_out(MAIN, WORKSPACE_ENDPOINT, "//")),
        (Place(WORKSPACE, "resource workspace '"),),
        {**NO_ENDPOINT},
    ),
    Mutant(
        "SEC5", "lower", "TLS 1.0 is enough",
        (Edit(STORAGE, "    minimumTlsVersion: 'TLS1_2'\n", "    minimumTlsVersion: 'TLS1_0' // TLS1_2\n"),),
        (Place(STORAGE, "    minimumTlsVersion:"),),
    ),
    Mutant(
        "SEC5", "disable", "plain HTTP is answered",
        (Edit(STORAGE, "supportsHttpsTrafficOnly: true", "supportsHttpsTrafficOnly: false"),),
        (Place(STORAGE, "    supportsHttpsTrafficOnly"),),
    ),
    Mutant(
        "SEC5", "delete", "nothing is said about TLS",
        (Edit(STORAGE, "    minimumTlsVersion: 'TLS1_2'\n", ""),),
        (Place(STORAGE, "resource account '"),),
    ),
    Mutant(
        "SEC5", "violate", "a second account is weaker",
        (insert_after(f"{INFRA}/shared.bicep", "var names = loadJsonContent('names.json').shared\n", """\

resource scratch 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: 'stscratch'
  location: location
  tags: loadJsonContent('tags.json')
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    minimumTlsVersion: 'TLS1_1'
  }
}
"""),),
        (Place(f"{INFRA}/shared.bicep", "    minimumTlsVersion:"),),
        {"INF7": "each declared storage account has a private endpoint"},
    ),
    Mutant(
        "SEC6", "unreachable", "no job that scans for secrets ever runs",
        (off(SECURITY, "Secrets"), off(SECURITY, "Scoring image")),
        (Place(SECURITY, "uses: actions/dependency-review-action"),),
    ),
    Mutant(
        "SEC6", "comment", "the scanners are comments",
        (comment_out(SECURITY, TRUFFLEHOG), comment_out(SECURITY, TRIVY)),
        (Place(SECURITY, "uses: actions/dependency-review-action"),),
    ),
    Mutant(
        "SEC6", "retarget", "the scanners look for something else",
        (Edit(SECURITY, TRUFFLEHOG, TRUFFLEHOG.replace("trufflesecurity/trufflehog", "github/codeql-action/init")),
         Edit(SECURITY, SCANNED, f"{SCANNED}          scanners: vuln\n")),
        (Place(SECURITY, "uses: aquasecurity/trivy-action"),),
    ),
    Mutant(
        "SEC7", "delete", "Dependabot, review, audit and scan are gone",
        (Delete(DEPENDABOT), Edit(SECURITY, REVIEW, ""), Edit(SECURITY, AUDIT, ""),
         Edit(SECURITY, TRIVY, "")),
        (Place(SECURITY, "uses: github/codeql-action/init"),),
    ),
    Mutant(
        "SEC7", "comment", "all four are comments",
        (comment_out(DEPENDABOT, UV), comment_out(DEPENDABOT, DOCKER), comment_out(SECURITY, REVIEW),
         comment_out(SECURITY, AUDIT), comment_out(SECURITY, TRIVY)),
        (Place(DEPENDABOT, "package-ecosystem: github-actions"),),
    ),
    Mutant(
        "SEC7", "retarget", "the actions alone are watched, scans look for configuration",
        (Edit(DEPENDABOT, UV, ""), Edit(DEPENDABOT, DOCKER, ""),
         Edit(SECURITY, SCANNED, f"{SCANNED}          scanners: misconfig,secret\n"),
         Edit(SECURITY, PULLED, PULLED.replace("if: ", "if: false  # ")),
         off(SECURITY, "Dependencies that are locked")),
        (Place(DEPENDABOT, "package-ecosystem: github-actions"),),
    ),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("SEC1",), "placeholders, references and variables are no secrets",
        (Add("docs/login.md", "# Log in\n\n```sh\nexport SQL_PASSWORD=<your password>\nexport API_TOKEN=\"$TOKEN\"\n```\n"),
         insert_after(f"{ACTIONS}/batch.yml", "      AZURE_LOCATION: ${{ vars.AZURE_LOCATION }}\n",
                      "      SQL_PASSWORD: ${{ secrets.SQL_PASSWORD }}\n"),
         Edit(SECRETS, "client.get_secret(name).value", "client.get_secret(name=name).value")),
    ),
    Harmless(
        ("SEC1", "SEC2"), "the client and its credential are made elsewhere",
        (Edit(SECRETS, """\
    client = SecretClient(
        vault_url=setting("AZURE_KEY_VAULT_URL"), credential=DefaultAzureCredential()
    )
""", """\
    identity = DefaultAzureCredential()
    client = SecretClient(setting("AZURE_KEY_VAULT_URL"), identity)
"""),),
    ),
    Harmless(
        ("SEC2",), "system-assigned identities serve as well",
        (Everywhere("    type: 'UserAssigned'\n", "    type: 'SystemAssigned,UserAssigned'\n", MODULES),),
    ),
    Harmless(
        ("SEC3",), "the deployer's role is bound through a variable",
        (Edit(DEPLOYER, "    roleDefinitionId: deployerRole.id\n", "    roleDefinitionId: boundRole\n"),
         Edit(DEPLOYER, "resource deployment '", "var boundRole = deployerRole.id\n\nresource deployment '")),
    ),
    Harmless(
        ("SEC4",), "public access is off without a condition",
        (Edit(WORKSPACE, "publicAccess ? 'Enabled' : 'Disabled'", "'Disabled'"),),
    ),
    Harmless(
        ("SEC5",), "TLS 1.3, by a parameter",
        (Edit(STORAGE, "    minimumTlsVersion: 'TLS1_2'\n", "    minimumTlsVersion: tls\n"),
         Edit(STORAGE, "resource account '", "param tls string = 'TLS1_3'\n\nresource account '"),
         Edit(STORAGE, "    supportsHttpsTrafficOnly: true\n", "")),
    ),
    Harmless(
        ("SEC6",), "gitleaks scans, by a command",
        (Edit(SECURITY, TRUFFLEHOG, "      - name: Look for secrets\n        run: docker run --rm -v \"$PWD:/repo\" zricethezav/gitleaks:v8 detect --source /repo\n"),
         Edit(SECURITY, SCANNED, f"{SCANNED}          scanners: vuln\n")),
    ),
    Harmless(
        ("SEC6", "SEC7"), "a reusable workflow has the scans",
        (Edit(SECURITY, TRUFFLEHOG, ""), Edit(SECURITY, TRIVY, ""),
         insert_after(SECURITY, "jobs:\n", "  scans:\n    uses: ./.github/workflows/scans.yml\n\n"),
         Add(f"{ACTIONS}/scans.yml", "name: Scans\non:\n  workflow_call:\njobs:\n  scan:\n"
             f"    runs-on: ubuntu-24.04\n    steps:\n{TRUFFLEHOG}{TRIVY}")),
    ),
    Harmless(
        ("SEC7",), "Renovate instead of Dependabot",
        (Delete(DEPENDABOT), Add("renovate.json", '{"extends": ["config:recommended"]}\n')),
    ),
)  # fmt: skip
