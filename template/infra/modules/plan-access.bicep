// What a pull request may do in a resource group: read it, and ask what a deployment would change.

@description('Principal of the identity that plans.')
param principalId string

var readerRole = loadJsonContent('../roles.json').assigned.reader

resource planRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'planner')
  properties: {
    roleName: '${resourceGroup().name} planner'
    description: 'Asks what a deployment to ${resourceGroup().name} would change.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/deployments/read'
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/whatIf/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource planning 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'planner')
  properties: {
    description: 'What-if from pull requests.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: planRole.id
  }
}

resource reading 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'reader')
  properties: {
    description: 'What-if compares with what is there.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', readerRole)
  }
}
