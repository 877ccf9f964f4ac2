#!/usr/bin/env bash
# Releases a version to the online endpoint, step by step; each step is watched, a breach goes back.
set -euo pipefail

version=$1 environment=$2
endpoint=$AZURE_ML_ONLINE_ENDPOINT
where=(--resource-group "$AZURE_RESOURCE_GROUP" --workspace-name "$AZURE_ML_WORKSPACE")
model="azureml://registries/$AZURE_ML_REGISTRY/models/credit-risk/versions/$version"

share_of() {
  az ml online-endpoint show --name "$endpoint" --query "traffic.$1" --output tsv "${where[@]}"
}

give() {
  az ml online-endpoint update --name "$endpoint" --traffic "$live=$((100 - $1)) $slot=$1" "${where[@]}"
}

watch() {
  if ! uv run credit-risk azure watch --slot "$slot"; then
    give 0
    exit 1
  fi
}

az ml online-endpoint create --name "$endpoint" --auth-mode aad_token \
  --set identity.type=system_assigned tags.environment="$environment" "${where[@]}" || true

if [ "$(share_of blue)" = 100 ]; then live=blue slot=green; else live=green slot=blue; fi

az ml online-deployment create --name "$slot" --endpoint-name "$endpoint" \
  --set model="$model" environment=azureml:credit-risk-scoring@latest \
  code_configuration.code=src code_configuration.scoring_script=credit_risk/lifecycle/scoring.py \
  instance_type=Standard_D2as_v4 instance_count=2 app_insights_enabled=true \
  liveness_probe.initial_delay=30 liveness_probe.period=10 \
  readiness_probe.initial_delay=10 readiness_probe.period=10 \
  data_collector.collections.model_inputs.enabled=true \
  data_collector.collections.model_outputs.enabled=true "${where[@]}"

az stack group create --name serving --resource-group "$AZURE_RESOURCE_GROUP" \
  --template-file infra/serving.bicep --deny-settings-mode none --action-on-unmanage deleteResources --yes \
  --parameters environmentName="$environment" endpointName="$endpoint" slots='["blue","green"]'

az ml online-endpoint update --name "$endpoint" --mirror-traffic "$slot=10" "${where[@]}"
watch
az ml online-endpoint update --name "$endpoint" --mirror-traffic "$slot=0" "${where[@]}"
give 10
watch
give 50
watch
give 100

az ml model update --name credit-risk --version "$version" --set tags.champion=true "${where[@]}"
