// What the identity that deploys to a resource group may do there: a list of actions instead of
// Contributor, and role assignments of listed roles alone instead of Owner.

@description('Principal of the identity.')
param principalId string

var roles = loadJsonContent('../roles.json')
var assignableRoles = [for role in items(roles.assigned): role.value]
var roleList = join(assignableRoles, ', ')
var principalTypes = '{\'ServicePrincipal\', \'Group\'}'

resource deployerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'deployer')
  properties: {
    roleName: '${resourceGroup().name} deployer'
    description: 'Deploys the infrastructure, endpoints and jobs of ${resourceGroup().name}.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.Authorization/*/read'
          'Microsoft.Authorization/locks/*'
          'Microsoft.Consumption/budgets/*'
          'Microsoft.ContainerRegistry/registries/delete'
          'Microsoft.ContainerRegistry/registries/privateEndpointConnections/*'
          'Microsoft.ContainerRegistry/registries/privateEndpointConnectionsApproval/action'
          'Microsoft.ContainerRegistry/registries/read'
          'Microsoft.ContainerRegistry/registries/write'
          'Microsoft.Insights/actionGroups/*'
          'Microsoft.Insights/activityLogAlerts/*'
          'Microsoft.Insights/autoscaleSettings/*'
          'Microsoft.Insights/components/*'
          'Microsoft.Insights/diagnosticSettings/*'
          'Microsoft.Insights/diagnosticSettingsCategories/read'
          'Microsoft.Insights/metricAlerts/*'
          'Microsoft.Insights/metricDefinitions/read'
          'Microsoft.Insights/metrics/read'
          'Microsoft.Insights/scheduledQueryRules/*'
          'Microsoft.Insights/workbooks/*'
          'Microsoft.KeyVault/vaults/delete'
          'Microsoft.KeyVault/vaults/privateEndpointConnections/*'
          'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action'
          'Microsoft.KeyVault/vaults/read'
          'Microsoft.KeyVault/vaults/write'
          'Microsoft.MachineLearningServices/registries/*'
          'Microsoft.MachineLearningServices/workspaces/*'
          'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'
          'Microsoft.ManagedIdentity/userAssignedIdentities/read'
          'Microsoft.Network/networkSecurityGroups/*'
          'Microsoft.Network/privateDnsZones/*'
          'Microsoft.Network/privateEndpoints/*'
          'Microsoft.Network/virtualNetworks/*'
          'Microsoft.OperationalInsights/queryPacks/*'
          'Microsoft.OperationalInsights/workspaces/delete'
          'Microsoft.OperationalInsights/workspaces/query/read'
          'Microsoft.OperationalInsights/workspaces/query/*/read'
          'Microsoft.OperationalInsights/workspaces/read'
          'Microsoft.OperationalInsights/workspaces/savedSearches/*'
          'Microsoft.OperationalInsights/workspaces/sharedKeys/action'
          'Microsoft.OperationalInsights/workspaces/write'
          'Microsoft.Resources/deployments/*'
          'Microsoft.Resources/deploymentStacks/*'
          'Microsoft.Resources/subscriptions/operationResults/read'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Storage/storageAccounts/blobServices/*'
          'Microsoft.Storage/storageAccounts/delete'
          'Microsoft.Storage/storageAccounts/fileServices/*'
          'Microsoft.Storage/storageAccounts/managementPolicies/*'
          'Microsoft.Storage/storageAccounts/privateEndpointConnections/*'
          'Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action'
          'Microsoft.Storage/storageAccounts/queueServices/read'
          'Microsoft.Storage/storageAccounts/read'
          'Microsoft.Storage/storageAccounts/tableServices/read'
          'Microsoft.Storage/storageAccounts/write'
        ]
        notActions: [
          'Microsoft.MachineLearningServices/workspaces/listKeys/action'
        ]
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource deployment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'deployer')
  properties: {
    description: 'Deploys this resource group from the pipeline.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: deployerRole.id
  }
}

// The condition is evaluated by Azure: a role that roles.json does not list can neither be given
// nor taken away, so the pipeline cannot raise its own rights.
resource accessAdministration 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'access')
  properties: {
    description: 'Gives workloads the roles that roles.json lists, and no other.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.bootstrap.roleBasedAccessControlAdministrator)
    conditionVersion: '2.0'
    condition: '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${roleList}} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase ${principalTypes})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${roleList}} AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase ${principalTypes}))'
  }
}
