// Run first, by an administrator of the subscription: the resource group of what all environments
// share, the identity that deploys it and the one with which pull requests read.
targetScope = 'subscription'

@description('Region of the resource group and its identities.')
param location string

@description('Who issues the tokens of the pipelines.')
param tokenIssuer string = 'https://token.actions.githubusercontent.com'

@description('Subject of the token with which a pipeline deploys the shared resources.')
param deploySubject string

@description('Subject of the token with which a pull request asks what would change.')
param planSubject string

var names = loadJsonContent('names.json').shared
var tags = union(loadJsonContent('tags.json'), { environment: 'shared' })

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: tags
}

module deployer 'modules/pipeline-identity.bicep' = {
  name: 'deployer'
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
  name: 'deployer-access'
  scope: group
  params: {
    principalId: deployer.outputs.principalId
  }
}

module subscriptionAccess 'modules/subscription-access.bicep' = {
  name: 'subscription-access'
  params: {
    principalId: deployer.outputs.principalId
    roleName: '${names.resourceGroup} subscription'
  }
}

module planner 'modules/pipeline-identity.bicep' = {
  name: 'planner'
  scope: group
  params: {
    identityName: names.planIdentity
    location: location
    tags: tags
    tokenIssuer: tokenIssuer
    tokenSubject: planSubject
  }
}

module planAccess 'modules/plan-access.bicep' = {
  name: 'plan-access'
  scope: group
  params: {
    principalId: planner.outputs.principalId
  }
}

output deployerClientId string = deployer.outputs.clientId
output planClientId string = planner.outputs.clientId
