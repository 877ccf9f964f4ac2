// The Azure ML registry. It stays reachable from outside the networks: every call needs a role,
// runners share models into it, and the environments' storage lets in this one registry by name.

@description('Name of the registry.')
param name string

@description('Name of the Log Analytics workspace of the registry\'s logs.')
param logAnalyticsName string

@description('Region of the registry.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Days for which logs are kept.')
param logRetentionDays int

@description('Whether deletion of the registry is locked.')
param locked bool

resource logAnalytics 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: logAnalyticsName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
  }
}

resource logAnalyticsLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: logAnalytics
  name: 'logs'
  properties: {
    workspaceId: logAnalytics.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource registry 'Microsoft.MachineLearningServices/registries@2026-05-01' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    publicNetworkAccess: 'Enabled'
    regionDetails: [
      {
        location: location
        storageAccountDetails: [
          {
            systemCreatedStorageAccount: {
              storageAccountType: 'Standard_LRS'
              storageAccountHnsEnabled: false
              allowBlobPublicAccess: false
            }
          }
        ]
        acrDetails: [
          {
            systemCreatedAcrAccount: { acrAccountSku: 'Premium' }
          }
        ]
      }
    ]
  }
}

resource registryLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'logs'
  properties: {
    workspaceId: logAnalytics.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: registry
  name: 'keep'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the models and images of every environment. docs/infrastructure.md says how to remove the environment.'
  }
}

output name string = registry.name
