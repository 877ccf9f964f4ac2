// An identity that a pipeline becomes by its OpenID Connect token: there is no secret to keep.

@description('Name of the identity.')
param identityName string

@description('Region of the identity.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Who issues the token.')
param tokenIssuer string

@description('Subject that the token must carry.')
param tokenSubject string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

resource trust 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: identity
  name: 'pipeline'
  properties: {
    issuer: tokenIssuer
    subject: tokenSubject
    audiences: ['api://AzureADTokenExchange']
  }
}

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
