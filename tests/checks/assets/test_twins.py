"""One deployment said in YAML, SDK and CLI gives equal assets."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.model import Asset, Value
from plomada.facts.words import traffic_settings
from plomada.repository import Repository

SPEC = """$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: churn
model: azureml:churn@latest
instance_type: Standard_DS3_v2
instance_count: 2
app_insights_enabled: true
"""
CLIENT = """from azure.ai.ml import MLClient
from azure.ai.ml.entities import ManagedOnlineDeployment, ManagedOnlineEndpoint
from azure.identity import DefaultAzureCredential

client = MLClient.from_config(DefaultAzureCredential())
"""
ENTITY = """ManagedOnlineDeployment(
    name="blue",
    endpoint_name="churn",
    model="azureml:churn@latest",
    instance_type="Standard_DS3_v2",
    instance_count=2,
    app_insights_enabled=True,
)
"""
COMMAND = (
    "az ml online-deployment create --name blue --endpoint-name churn --model azureml:churn@latest "
    "--instance-type Standard_DS3_v2 --instance-count 2 --set app_insights_enabled=true\n"
)
WRAPPED = """import subprocess


class Cli:
    def ml(self, *words):
        subprocess.run(["az", "ml", *words], check=True)


Cli().ml(
    "online-deployment", "create", "--name", "blue", "--endpoint-name", "churn",
    "--model", "azureml:churn@latest", "--instance-type", "Standard_DS3_v2",
    "--instance-count", "2", "--set", "app_insights_enabled=true",
)
"""
SAYINGS = {
    "spec": {"blue.yml": SPEC},
    "spec and command": {
        "aml/blue.yml": SPEC,
        "deploy.sh": "az ml online-deployment create --file aml/blue.yml\n",
    },
    "spec with options over it": {
        "blue.yml": SPEC.replace("instance_count: 2", "instance_count: 1"),
        "deploy.sh": "az ml online-deployment create -f blue.yml --set instance_count=2\n",
    },
    "command": {"deploy.sh": COMMAND},
    "wrapped command": {"deploy.py": WRAPPED},
    "entity": {
        "deploy.py": CLIENT + f"client.online_deployments.begin_create_or_update({ENTITY})\n"
    },
    "entity through a variable and a function": {
        "deploy.py": CLIENT
        + f"def made():\n    return {ENTITY.replace(chr(10), ' ')}\n\n"
        + "deployment = made()\nclient.online_deployments.begin_create_or_update(deployment)\n"
    },
    "entity completed later": {
        "deploy.py": CLIENT
        + "deployment = ManagedOnlineDeployment(name='blue', endpoint_name='churn')\n"
        + "deployment.model = 'azureml:churn@latest'\ndeployment.instance_type = 'Standard_DS3_v2'\n"  # noqa: E501
        + "deployment.instance_count = 2\ndeployment.app_insights_enabled = True\n"
        + "client.online_deployments.begin_create_or_update(deployment)\n"
    },
    "entity through a class": {
        "deploy.py": CLIENT
        + "class Deployer:\n    def __init__(self):\n        self.client = MLClient.from_config()\n\n"  # noqa: E501
        + "    def deploy(self, name):\n        self.client.online_deployments.begin_create_or_update(\n"  # noqa: E501
        + f"            {ENTITY.replace(chr(34) + 'blue' + chr(34), 'name').replace(chr(10), ' ')})\n\n"  # noqa: E501
        + "Deployer().deploy('blue')\n"
    },
    "spec that the SDK loads": {
        "blue.yml": SPEC,
        "deploy.py": "from azure.ai.ml import load_online_deployment\n"
        + CLIENT
        + "client.online_deployments.begin_create_or_update(load_online_deployment(source='blue.yml'))\n",  # noqa: E501
    },
}
FIELDS = (
    "name",
    "endpoint_name",
    "model",
    "instance_type",
    "instance_count",
    "app_insights_enabled",
)


def facts_of(tmp_path: Path, files: dict[str, str]) -> Facts:
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Facts(Repository(tmp_path))


def said(asset: Asset) -> dict[str, str]:
    """Return what an asset says, without dialect and places."""
    return {name: text(asset.fields[name]).lower() for name in FIELDS} | {
        "kind": asset.kind,
        "compute": asset.compute,
    }


def text(value: Value) -> str:
    assert value.kind == "known"
    return str(value.data)


@pytest.mark.parametrize("files", SAYINGS.values(), ids=SAYINGS)
def test_one_deployment_however_it_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    found = facts_of(tmp_path, files).assets.of_kind("online-deployment")
    assert [said(asset) for asset in found] == [
        {
            "name": "blue",
            "endpoint_name": "churn",
            "model": "azureml:churn@latest",
            "instance_type": "standard_ds3_v2",
            "instance_count": "2",
            "app_insights_enabled": "true",
            "kind": "online-deployment",
            "compute": "managed",
        }
    ]


def test_what_tests_make_is_no_asset(tmp_path: Path) -> None:
    files = {"tests/test_deploy.py": SAYINGS["entity"]["deploy.py"]}
    assert facts_of(tmp_path, files).assets.all == ()


def test_a_comment_makes_no_asset(tmp_path: Path) -> None:
    body = "\n".join(f"# {line}" for line in SAYINGS["entity"]["deploy.py"].split("\n"))
    assert facts_of(tmp_path, {"deploy.py": body}).assets.all == ()


TRAFFIC = {
    "spec": {"e.yml": "name: churn\nauth_mode: key\ntraffic:\n  blue: 90\n  green: 10\n"},
    "words": {"t.sh": 'az ml online-endpoint update -n churn --traffic "blue=90 green=10"\n'},
    "json": {
        "t.sh": 'az ml online-endpoint update -n churn --traffic \'{"blue": 90, "green": 10}\'\n'
    },
    "attribute": {
        "t.py": CLIENT + "e = client.online_endpoints.get('churn')\n"
        "e.traffic = {'blue': 90, 'green': 10}\nclient.online_endpoints.begin_create_or_update(e)\n"
    },
    "constructor": {
        "t.py": CLIENT + "client.online_endpoints.begin_create_or_update(\n"
        "    ManagedOnlineEndpoint(name='churn', traffic={'blue': 90, 'green': 10}))\n"
    },
}


@pytest.mark.parametrize("files", TRAFFIC.values(), ids=TRAFFIC)
def test_one_traffic_map_however_it_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    settings = traffic_settings(facts_of(tmp_path, files))
    assert [(t.names, t.percentages, t.open) for t in settings] == [
        (("blue", "green"), (90, 10), False)
    ]
