// Read-only questions that can be asked of a subscription alone: the preflight asks them before a
// deployment.
targetScope = 'subscription'

@description('Principal of the identity that deploys.')
param principalId string

@description('Name of the role; unique in the tenant.')
param roleName string

resource preflightRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, roleName)
  properties: {
    roleName: roleName
    description: 'Quota, free names and soft-deleted vaults, asked before a deployment.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.ContainerRegistry/checkNameAvailability/read'
          'Microsoft.KeyVault/checkNameAvailability/read'
          'Microsoft.KeyVault/locations/deletedVaults/read'
          'Microsoft.MachineLearningServices/locations/quotas/read'
          'Microsoft.MachineLearningServices/locations/usages/read'
          'Microsoft.MachineLearningServices/locations/vmSizes/read'
          'Microsoft.Storage/checkNameAvailability/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource questions 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, roleName)
  properties: {
    description: 'Preflight of the pipeline.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: preflightRole.id
  }
}
