// Run once per environment, after bootstrap-shared.bicep, by an administrator of the subscription:
// what the pipeline's own identity must not be able to do. Running it again changes nothing.
targetScope = 'subscription'

@description('Environment that is prepared; its names come from names.json.')
@allowed(['dev', 'test', 'prod'])
param environmentName string

@description('Region of the resource group and its identities.')
param location string

@description('Who issues the tokens of the pipelines.')
param tokenIssuer string = 'https://token.actions.githubusercontent.com'

@description('Subject of the token with which a pipeline deploys to this environment.')
param deploySubject string

var allNames = loadJsonContent('names.json')
var names = allNames[environmentName]
var tags = union(loadJsonContent('tags.json'), { environment: environmentName })

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: tags
}

resource sharedGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: allNames.shared.resourceGroup
}

module deployer 'modules/pipeline-identity.bicep' = {
  name: 'deployer-${environmentName}'
  scope: group
  params: {
    identityName: names.deployerIdentity
    location: location
    tags: tags
    tokenIssuer: tokenIssuer
    tokenSubject: deploySubject
  }
}

module deployerAccess 'modules/deployer.bicep' = {
  name: 'deployer-access-${environmentName}'
  scope: group
  params: {
    principalId: deployer.outputs.principalId
    workloadPrincipalIds: [
      identities.outputs.workspacePrincipalId
      identities.outputs.trainingPrincipalId
      identities.outputs.buildPrincipalId
      identities.outputs.scoringPrincipalId
    ]
  }
}

resource planIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: allNames.shared.planIdentity
  scope: sharedGroup
}

module planAccess 'modules/plan-access.bicep' = {
  name: 'plan-access-${environmentName}'
  scope: group
  params: {
    principalId: planIdentity.properties.principalId
  }
}

module identities 'modules/workload-identities.bicep' = {
  name: 'identities-${environmentName}'
  scope: group
  params: {
    workspaceIdentityName: names.workspaceIdentity
    trainingIdentityName: names.trainingIdentity
    buildIdentityName: names.buildIdentity
    scoringIdentityName: names.scoringIdentity
    location: location
    tags: tags
  }
}

// Here and not in main.bicep: the pipeline of one environment has no rights in the shared group.
module registryUsers 'modules/registry-users.bicep' = {
  name: 'registry-users-${environmentName}'
  scope: sharedGroup
  params: {
    principalIds: [
      deployer.outputs.principalId
      identities.outputs.workspacePrincipalId
      identities.outputs.trainingPrincipalId
      identities.outputs.scoringPrincipalId
    ]
  }
}

module subscriptionAccess 'modules/subscription-access.bicep' = {
  name: 'subscription-access-${environmentName}'
  params: {
    principalId: deployer.outputs.principalId
    roleName: '${names.resourceGroup} subscription'
  }
}

output deployerClientId string = deployer.outputs.clientId
output resourceGroupName string = group.name
