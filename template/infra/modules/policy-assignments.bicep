// The policies of one resource group.

@description('Region of the assignment\'s identity.')
param location string

@description('Resource id of the tagging initiative.')
param taggingId string

@description('Regions in which resources may be made; global resources are always allowed.')
param allowedLocations array

@description('Default refuses what breaks the policy; DoNotEnforce only reports it.')
param enforcementMode string

var allowedLocationsId = tenantResourceId('Microsoft.Authorization/policyDefinitions', 'e56962a6-4747-49cd-b67b-bf8b01975c4c')

resource tagging 'Microsoft.Authorization/policyAssignments@2026-07-01' = {
  name: 'mlops-tagging'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    displayName: 'Tags of machine-learning projects'
    policyDefinitionId: taggingId
    enforcementMode: enforcementMode
    nonComplianceMessages: [
      { message: 'Give the resource the tags of infra/tags.json.' }
    ]
  }
}

resource locations 'Microsoft.Authorization/policyAssignments@2026-07-01' = {
  name: 'mlops-locations'
  properties: {
    displayName: 'Allowed locations of machine-learning projects'
    policyDefinitionId: allowedLocationsId
    enforcementMode: enforcementMode
    parameters: {
      listOfAllowedLocations: { value: allowedLocations }
    }
  }
}

module tagger 'tagger.bicep' = {
  name: 'tagger'
  params: {
    principalId: tagging.identity.principalId
  }
}
