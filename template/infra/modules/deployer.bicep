// What the identity that deploys to a resource group may do there: a list of actions instead of
// Contributor, and role assignments of listed roles alone instead of Owner.

@description('Principal of the identity.')
param principalId string

@description('Principals of the workloads that it gives roles to; where there is none it gives no role.')
param workloadPrincipalIds array = []

var roles = loadJsonContent('../roles.json')
var assignableRoles = [for role in items(roles.assigned): role.value]
var everyRole = join(assignableRoles, ', ')
var ownRoles = join([roles.assigned.storageBlobDataContributor, roles.assigned.keyVaultUser], ', ')
var peoplesRoles = join([
  roles.assigned.machineLearningDataScientist
  roles.assigned.storageBlobDataContributor
  roles.assigned.storageFileDataPrivilegedContributor
], ', ')
var workloads = join(workloadPrincipalIds, ', ')

// Three sentences: a workload may have any listed role, the pipeline itself two data roles, and a
// group of people those of a data scientist.
var assignments = [for source in ['@Request', '@Resource']: '(${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${everyRole}} AND ${source}[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${workloads}}) OR (${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ownRoles}} AND ${source}[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${principalId}}) OR (${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${peoplesRoles}} AND ${source}[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'Group\'})']

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
          'Microsoft.Network/natGateways/join/action'
          'Microsoft.Network/networkSecurityGroups/*'
          'Microsoft.Network/privateDnsZones/*'
          'Microsoft.Network/privateEndpoints/*'
          'Microsoft.Network/routeTables/join/action'
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

// The condition is evaluated by Azure: what it does not name can neither be given nor taken away, so
// that the pipeline cannot raise its own rights, nor those of somebody else.
resource accessAdministration 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(workloadPrincipalIds)) {
  name: guid(resourceGroup().id, principalId, 'access')
  properties: {
    description: 'Gives workloads the roles that roles.json lists, and no other.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.bootstrap.roleBasedAccessControlAdministrator)
    conditionVersion: '2.0'
    condition: '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (${assignments[0]})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (${assignments[1]}))'
  }
}
