"""Before a deployment: what quota, taken names and soft-deleted vaults lead to."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

import pytest

from .conftest import ROOT, World
from .fake_infra import size, usage

FAMILY = "Standard DASv4 Family Cluster Dedicated vCPUs"
ONLINE = bool(list((ROOT / "aml" / "deployments").glob("online-*.yml")))


@pytest.fixture
def roomy(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A region with every size, and a subscription with room for one environment."""
    if not (ROOT / "infra" / "names.json").is_file():
        pytest.skip("this repository has no infra/: its workspace was given to it")
    shutil.copytree(ROOT / "infra", world.folder / "infra")
    for file in (world.folder / "infra").glob("*.bicepparam"):
        # As after the first thing that a team with a network of its own does.
        file.write_text(file.read_text().replace("/00000000-0000-0000-0000-000000000000/", "/sub/"))
    monkeypatch.setattr(world.azure, "ml_workspace_show", missing)
    world.azure.sizes = [
        size("Standard_DS3_v2", "standardDSv2Family", 4, "AmlCompute", "MIR"),
        size("Standard_D2as_v4", "standardDASv4Family", 2, "MIR"),
        size("Standard_D4ds_v4", "standardDDSv4Family", 4, "AmlCompute"),
    ]
    world.azure.usages = [
        usage("Total Cluster Dedicated Regional vCPUs", "dedicatedCores", 0, 100),
        usage("Total Cluster LowPriority Regional vCPUs", "lowPriorityCores", 0, 100),
        usage("Standard DASv4 Family Cluster LowPriority vCPUs", "vmFamily", 0, -1),
        usage(FAMILY, "workspaces", 0, 0),
        usage(FAMILY, "vmFamily", 0, 12),
        usage("Standard DDSv4 Family Cluster Dedicated vCPUs", "vmFamily", 0, 20),
    ]
    return world


def missing(*_: Any) -> Any:
    from .commands import Rejected

    raise Rejected("(ResourceNotFound) The workspace was not found.", 3)


def names(world: World, environment: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((world.folder / "infra/names.json").read_text())[environment]
    return found


def limit(world: World, name: str, value: int, used: int = 0) -> None:
    for one in world.azure.usages:
        if one["name"]["value"] == name and "vmFamily" in one["type"] + "dedicatedCores":
            one.update(limit=value, currentValue=used)


def ready(world: World, environment: str = "prod", expect: int = 0) -> str:
    return world.run("preflight", "--infra", environment, expect=expect).output


def test_everything_is_there(roomy: World) -> None:
    for environment in ("dev", "test", "prod"):
        output = ready(roomy, environment)
        assert output.endswith(f"Azure can take {environment}\n")
        assert "NO" not in output
    asked = {line.split(" --")[0] for line in roomy.azure.log}
    assert asked == {
        "acr check-name", "keyvault check-name", "storage account check-name",
        "keyvault list-deleted", "ml workspace show", "rest",
    }  # fmt: skip


@pytest.mark.skipif(not ONLINE, reason="nothing is served online")
def test_two_slots_and_a_fifth_more_have_to_fit(roomy: World) -> None:
    # Two slots of two machines each, three with what Azure keeps for upgrades, of two cores.
    limit(roomy, FAMILY, 11)
    output = ready(roomy, expect=1)
    assert "NO  quota of standardDASv4Family  12 cores are needed, 11 of 11 are free" in output
    assert "ask for more" in output


@pytest.mark.skipif(not ONLINE, reason="nothing is served online")
def test_what_others_use_is_not_free(roomy: World) -> None:
    limit(roomy, FAMILY, 20, used=9)
    assert "12 cores are needed, 11 of 20 are free" in ready(roomy, expect=1)


@pytest.mark.skipif(not ONLINE, reason="nothing is served online")
def test_what_the_environment_uses_itself_is_its_own(
    roomy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(roomy, FAMILY, 12, used=12)
    monkeypatch.setattr(roomy.azure, "ml_workspace_show", lambda *_: {"name": "there"})
    ready(roomy)


def test_production_s_cluster_has_to_fit(roomy: World) -> None:
    limit(roomy, "Standard DDSv4 Family Cluster Dedicated vCPUs", 16)
    assert "quota of standardDDSv4Family  20 cores are needed" in ready(roomy, expect=1)
    ready(roomy, "test")


def test_the_region_as_a_whole_is_asked_too(roomy: World) -> None:
    roomy.azure.usages[0]["limit"] = 19
    assert "quota of dedicatedCores" in ready(roomy, expect=1)


def test_low_priority_has_a_quota_of_its_own(roomy: World) -> None:
    roomy.azure.usages[1]["limit"] = 0
    assert "quota of lowPriorityCores  8 cores are needed, 0 of 0" in ready(roomy, "dev", expect=1)
    ready(roomy, "test")


def test_family_without_any_quota_is_named(roomy: World) -> None:
    del roomy.azure.usages[5]
    assert "quota of standardDDSv4Family  Azure names none for westeurope" in ready(roomy, expect=1)


@pytest.mark.parametrize("kinds", [None, ["ComputeInstance"]])
def test_size_that_the_region_does_not_offer(roomy: World, kinds: list[str] | None) -> None:
    if kinds is None:
        del roomy.azure.sizes[2]
    else:
        roomy.azure.sizes[2]["supportedComputeTypes"] = kinds
    output = ready(roomy, expect=1)
    assert "size Standard_D4ds_v4  westeurope does not offer it for cluster" in output
    assert "take another one in infra/prod.bicepparam" in output


@pytest.mark.parametrize("key", ["storageAccount", "keyVault", "containerRegistry"])
def test_taken_name_is_explained_unless_it_is_ours(roomy: World, key: str) -> None:
    name = names(roomy, "prod")[key]
    roomy.azure.taken = {name}
    output = ready(roomy, expect=1)
    assert f"NO  name {name}  already taken: change {key} in infra/names.json" in output
    roomy.azure.ours = {name}
    ready(roomy)


def test_soft_deleted_vault_is_brought_back_by_a_parameter(roomy: World) -> None:
    vault = names(roomy, "prod")["keyVault"]
    roomy.azure.deleted_vaults = {"somebody-else": "westeurope", vault: "westeurope"}
    output = ready(roomy, expect=1)
    assert "its name is kept until 2027-01-31: set keyVaultCreateMode = 'recover'" in output
    assert "in infra/prod.bicepparam" in output
    file = roomy.folder / "infra" / "prod.bicepparam"
    file.write_text(file.read_text() + "param keyVaultCreateMode = 'recover'\n")
    assert f"ok  soft-deleted vault {vault}" in ready(roomy)
    roomy.azure.deleted_vaults = {}
    assert "there is none: take keyVaultCreateMode out" in ready(roomy, expect=1)


def test_vault_that_was_deleted_elsewhere_cannot_come_back_here(roomy: World) -> None:
    roomy.azure.deleted_vaults = {names(roomy, "prod")["keyVault"]: "northeurope"}
    output = ready(roomy, expect=1)
    assert "kept until 2027-01-31 in northeurope: change keyVault in infra/names.json" in output


def test_example_s_values_are_not_deployed(roomy: World) -> None:
    file = roomy.folder / "infra" / "prod.bicepparam"
    subnet = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/subnets/a"
    file.write_text(file.read_text() + f"param exampleSubnetId = '{subnet}'\n")
    output = ready(roomy, expect=1)
    assert "NO  parameter exampleSubnetId  has the example's value" in output


@pytest.mark.parametrize("name", ["clusterVmSize", "clusterMaxNodes"])
def test_parameters_that_are_not_there_are_named(roomy: World, name: str) -> None:
    file = roomy.folder / "infra" / "prod.bicepparam"
    file.write_text(re.sub(rf"param {name} = .*\n", "", file.read_text()))
    assert "give clusterVmSize and clusterMaxNodes" in ready(roomy, expect=2)
    file.unlink()
    assert "infra/prod.bicepparam is missing" in ready(roomy, expect=2)
