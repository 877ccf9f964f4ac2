// Who may do what to the workspace's resources: data roles, each at the one resource it is for.
// It comes before the workspace, which needs its identity's rights while it is made.

@description('Name of the storage account.')
param storageName string

@description('Name of the key vault.')
param keyVaultName string

@description('Name of the container registry.')
param containerRegistryName string

@description('Principal that the pipeline deploys as.')
param deployerPrincipalId string

@description('Principal of the workspace.')
param workspacePrincipalId string

@description('Principal of jobs and batch endpoints.')
param trainingPrincipalId string

@description('Principal of the cluster that builds images.')
param buildPrincipalId string

@description('Principal of online endpoints.')
param scoringPrincipalId string

var roles = loadJsonContent('../roles.json').assigned

var workspaceRoles = [
  roles.azureAiAdministrator
  roles.networkConnectionApprover
]

var storageGrants = [
  { principalId: workspacePrincipalId, role: roles.storageBlobDataContributor }
  { principalId: workspacePrincipalId, role: roles.storageFileDataPrivilegedContributor }
  { principalId: trainingPrincipalId, role: roles.storageBlobDataContributor }
  { principalId: trainingPrincipalId, role: roles.storageQueueDataContributor }
  { principalId: trainingPrincipalId, role: roles.storageTableDataContributor }
  { principalId: buildPrincipalId, role: roles.storageBlobDataContributor }
  { principalId: scoringPrincipalId, role: roles.storageBlobDataContributor }
  { principalId: deployerPrincipalId, role: roles.storageBlobDataContributor }
]

var keyVaultGrants = [
  { principalId: workspacePrincipalId, role: roles.keyVaultAdministrator }
  { principalId: trainingPrincipalId, role: roles.keyVaultUser }
  { principalId: scoringPrincipalId, role: roles.keyVaultUser }
  { principalId: deployerPrincipalId, role: roles.keyVaultUser }
]

var containerRegistryGrants = [
  { principalId: trainingPrincipalId, role: roles.containerRegistryPull }
  { principalId: buildPrincipalId, role: roles.containerRegistryPush }
  { principalId: scoringPrincipalId, role: roles.containerRegistryPull }
]

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource keyVault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: keyVaultName
}

resource containerRegistry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: containerRegistryName
}

// At the group, because the workspace's managed network makes and approves private endpoints to
// everything in it, the workspace included, which is not there yet. The first role is the one that
// Azure gives a workspace's system-assigned identity at this scope; a user-assigned one needs both.
resource workspaceAdministration 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in workspaceRoles: {
  name: guid(resourceGroup().id, workspacePrincipalId, role)
  properties: {
    description: 'The workspace manages its storage, vault, registry and managed network.'
    principalId: workspacePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource storageAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in storageGrants: {
  scope: storage
  name: guid(storage.id, grant.principalId, grant.role)
  properties: {
    principalId: grant.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
  }
}]

resource keyVaultAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in keyVaultGrants: {
  scope: keyVault
  name: guid(keyVault.id, grant.principalId, grant.role)
  properties: {
    principalId: grant.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
  }
}]

resource containerRegistryAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in containerRegistryGrants: {
  scope: containerRegistry
  name: guid(containerRegistry.id, grant.principalId, grant.role)
  properties: {
    principalId: grant.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
  }
}]
