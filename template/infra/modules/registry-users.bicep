// Who may use the shared registry. The scope is the resource group, which holds nothing else to
// which this role applies, because the registry itself may not be there yet.

@description('Principals of the identities of one environment.')
param principalIds array

var registryUser = loadJsonContent('../roles.json').bootstrap.machineLearningRegistryUser

resource users 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in principalIds: {
  name: guid(resourceGroup().id, principalId, registryUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', registryUser)
  }
}]
