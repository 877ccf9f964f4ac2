// The identities of what runs: one per duty, so that each can be given only what its duty needs.
// They exist before the workspace does, which is why their roles are in place when it is made.

@description('Name of the workspace\'s identity.')
param workspaceIdentityName string

@description('Name of the identity of jobs and batch endpoints.')
param trainingIdentityName string

@description('Name of the identity of the cluster that builds images.')
param buildIdentityName string

@description('Name of the identity of online endpoints.')
param scoringIdentityName string

@description('Region of the identities.')
param location string

@description('Tags of everything that is created.')
param tags object

resource workspaceIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: workspaceIdentityName
  location: location
  tags: tags
}

resource trainingIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: trainingIdentityName
  location: location
  tags: tags
}

resource buildIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: buildIdentityName
  location: location
  tags: tags
}

resource scoringIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: scoringIdentityName
  location: location
  tags: tags
}

output workspacePrincipalId string = workspaceIdentity.properties.principalId
output trainingPrincipalId string = trainingIdentity.properties.principalId
output buildPrincipalId string = buildIdentity.properties.principalId
output scoringPrincipalId string = scoringIdentity.properties.principalId
