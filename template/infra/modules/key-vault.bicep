// The vault: who may read a secret is decided by roles, and nothing in it is lost by accident.

@description('Name of the vault.')
param name string

@description('Region of the vault.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Public IPv4 addresses or ranges that may reach the secrets; none closes it.')
param allowedAddresses array

@description('recover brings back a soft-deleted vault of this name; the preflight says when.')
@allowed(['default', 'recover'])
param createMode string

@description('Whether deletion of the vault is locked.')
param locked bool

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  // checkov:skip=CKV_AZURE_189: closed unless addresses are listed, which the parameter files of test and prod never do (the check cannot read the condition)
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    createMode: createMode
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: empty(allowedAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'AzureServices'
      ipRules: [for address in allowedAddresses: { value: address }]
    }
  }
}

resource vaultLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'logs'
  properties: {
    workspaceId: logAnalyticsId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: vault
  name: 'keep'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds secrets. docs/infrastructure.md says how to remove the environment.'
  }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
output name string = vault.name
