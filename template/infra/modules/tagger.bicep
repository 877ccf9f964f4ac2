// The one role that adding missing tags needs.

@description('Principal of the tagging policy\'s assignment.')
param principalId string

var tagContributor = loadJsonContent('../roles.json').bootstrap.tagContributor

resource tagger 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, tagContributor)
  properties: {
    description: 'The tagging policy adds missing tags.'
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tagContributor)
  }
}
