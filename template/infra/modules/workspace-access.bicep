// Who may work in the workspace, once it is there; and the data scientists' access to its storage.

@description('Name of the workspace.')
param workspaceName string

@description('Name of the storage account.')
param storageName string

@description('Principal of jobs and batch endpoints.')
param trainingPrincipalId string

@description('Principal of online endpoints.')
param scoringPrincipalId string

@description('Object id of the Entra group of the data scientists; nobody where it is empty.')
param dataScientistsGroupId string

var roles = loadJsonContent('../roles.json').assigned

var workspaceGrants = [
  { principalId: trainingPrincipalId, role: roles.machineLearningDataScientist }
  { principalId: scoringPrincipalId, role: roles.machineLearningMetricsWriter }
]

var peoplesStorageRoles = empty(dataScientistsGroupId) ? [] : [
  roles.storageBlobDataContributor
  roles.storageFileDataPrivilegedContributor
]

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' existing = {
  name: workspaceName
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource workloads 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in workspaceGrants: {
  scope: workspace
  name: guid(workspace.id, grant.principalId, grant.role)
  properties: {
    principalId: grant.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
  }
}]

resource dataScientists 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(dataScientistsGroupId)) {
  scope: workspace
  name: guid(workspace.id, dataScientistsGroupId, roles.machineLearningDataScientist)
  properties: {
    principalId: dataScientistsGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.machineLearningDataScientist)
  }
}

resource dataScientistsStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in peoplesStorageRoles: {
  scope: storage
  name: guid(storage.id, dataScientistsGroupId, role)
  properties: {
    principalId: dataScientistsGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]
