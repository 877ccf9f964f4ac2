// What a pipeline asks of the subscription, because a resource group cannot answer it: the preflight's
// questions, and to register the resource providers that its templates use.
targetScope = 'subscription'

@description('Principal of the identity that deploys.')
param principalId string

@description('Name of the role; unique in the tenant.')
param roleName string

resource subscriptionRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, roleName)
  properties: {
    roleName: roleName
    description: 'Asks for quota, free names and soft-deleted vaults; registers resource providers.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.AlertsManagement/register/action'
          'Microsoft.Consumption/register/action'
          'Microsoft.ContainerRegistry/checkNameAvailability/read'
          'Microsoft.ContainerRegistry/register/action'
          'Microsoft.Insights/register/action'
          'Microsoft.KeyVault/checkNameAvailability/read'
          'Microsoft.KeyVault/deletedVaults/read'
          'Microsoft.KeyVault/locations/deletedVaults/read'
          'Microsoft.KeyVault/register/action'
          'Microsoft.MachineLearningServices/locations/quotas/read'
          'Microsoft.MachineLearningServices/locations/usages/read'
          'Microsoft.MachineLearningServices/locations/vmSizes/read'
          'Microsoft.MachineLearningServices/register/action'
          'Microsoft.Network/register/action'
          'Microsoft.OperationalInsights/register/action'
          'Microsoft.Storage/checkNameAvailability/read'
          'Microsoft.Storage/register/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, roleName)
  properties: {
    description: 'Preflight and provider registration of a pipeline.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionRole.id
  }
}
