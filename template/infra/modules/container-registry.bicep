// The registry of the images that the workspace builds: no password, and a private one where it
// pays for Premium, which alone knows private endpoints.

@description('Name of the registry.')
param name string

@description('Region of the registry.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Whether it is reached by its private endpoint alone (Premium).')
param isPrivate bool

@description('Whether deletion of the registry is locked.')
param locked bool

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  // checkov:skip=CKV_AZURE_139: public access is off wherever isPrivate is (test, prod); Standard has no such switch
  // checkov:skip=CKV_AZURE_163: images are scanned in the security workflow; Defender for Cloud is a subscription's decision
  // checkov:skip=CKV_AZURE_166: quarantine would hold back the images that Azure ML builds
  name: name
  location: location
  tags: tags
  sku: { name: isPrivate ? 'Premium' : 'Standard' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkRuleBypassOptions: 'AzureServices'
  }
}

resource registryLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'logs'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: registry
  name: 'keep'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the images of running deployments. docs/infrastructure.md says how to remove the environment.'
  }
}

output id string = registry.id
output name string = registry.name
