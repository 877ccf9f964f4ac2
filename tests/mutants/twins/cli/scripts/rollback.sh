#!/usr/bin/env bash
# Gives all traffic back to the slot that was live before.
set -euo pipefail

endpoint=$AZURE_ML_ONLINE_ENDPOINT
where=(--resource-group "$AZURE_RESOURCE_GROUP" --workspace-name "$AZURE_ML_WORKSPACE")
live=$(az ml online-endpoint show --name "$endpoint" --query "keys(traffic)[?@ != 'none'] | [0]" --output tsv "${where[@]}")
if [ "$live" = blue ]; then former=green; else former=blue; fi

az ml online-endpoint update --name "$endpoint" --traffic "$former=100 $live=0" "${where[@]}"
