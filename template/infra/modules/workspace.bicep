// The workspace in its managed network. Compute and endpoints run in that network; people and
// pipelines reach the workspace by its private endpoint.

@description('Name of the workspace.')
param name string

@description('Title of the workspace in the studio.')
param friendlyName string

@description('Region of the workspace.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Name of the user-assigned identity that the workspace acts as.')
param identityName string

@description('Resource id of the storage account.')
param storageId string

@description('Resource id of the key vault.')
param keyVaultId string

@description('Resource id of the container registry.')
param containerRegistryId string

@description('Resource id of the Application Insights component.')
param applicationInsightsId string

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

@description('Name of the cluster that builds images; a private registry cannot build them itself.')
param buildClusterName string

@description('What compute may reach. It can be tightened later, never loosened or switched off.')
@allowed(['AllowInternetOutbound', 'AllowOnlyApprovedOutbound'])
param isolationMode string

@description('Whether the workspace answers on its public address too.')
param publicAccess bool

@description('Whether serverless Spark reaches the storage (the Azure ML model monitor needs it).')
param sparkEnabled bool

@description('Whether compute may pull images and models of registries of this region.')
param allowRegistries bool

@description('Further outbound rules by name, as Azure ML names them.')
param additionalOutboundRules object

var approvedOnly = isolationMode == 'AllowOnlyApprovedOutbound'

// Parallel jobs and batch endpoints keep their work lists in queues and tables.
var storageRules = {
  'storage-queue': {
    type: 'PrivateEndpoint'
    category: 'UserDefined'
    destination: { serviceResourceId: storageId, subresourceTarget: 'queue', sparkEnabled: false }
  }
  'storage-table': {
    type: 'PrivateEndpoint'
    category: 'UserDefined'
    destination: { serviceResourceId: storageId, subresourceTarget: 'table', sparkEnabled: false }
  }
}

// Where only approved traffic leaves, Azure makes these rules itself and refuses a second one to the
// same target. Elsewhere it makes them for resources without any public address alone, and the
// storage has one, for the registry.
var dataRules = {
  'storage-blob': {
    type: 'PrivateEndpoint'
    category: 'UserDefined'
    destination: { serviceResourceId: storageId, subresourceTarget: 'blob', sparkEnabled: sparkEnabled }
  }
  'storage-file': {
    type: 'PrivateEndpoint'
    category: 'UserDefined'
    destination: { serviceResourceId: storageId, subresourceTarget: 'file', sparkEnabled: sparkEnabled }
  }
}

var vaultRules = {
  vault: {
    type: 'PrivateEndpoint'
    category: 'UserDefined'
    destination: { serviceResourceId: keyVaultId, subresourceTarget: 'vault', sparkEnabled: sparkEnabled }
  }
}

// Service tags are valid in this mode alone; the other one lets everything out anyway.
var registryRules = {
  'registry-images': {
    type: 'ServiceTag'
    category: 'UserDefined'
    destination: { serviceTag: 'AzureContainerRegistry.${location}', protocol: 'TCP', portRanges: '443' }
  }
  'registry-models': {
    type: 'ServiceTag'
    category: 'UserDefined'
    destination: { serviceTag: 'Storage.${location}', protocol: 'TCP', portRanges: '443' }
  }
}

var ownDataRules = approvedOnly ? {} : dataRules
var ownVaultRules = approvedOnly || !publicAccess ? {} : vaultRules
var ownRegistryRules = approvedOnly && allowRegistries ? registryRules : {}
var outboundRules = union(storageRules, ownDataRules, ownVaultRules, ownRegistryRules, additionalOutboundRules)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' = {
  // checkov:skip=CKV_AZURE_243: the managed network's private endpoint rules are in outboundRules above, where the check does not look; the inbound endpoint is in main.bicep
  name: name
  location: location
  tags: tags
  kind: 'Default'
  sku: { name: 'Basic', tier: 'Basic' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    friendlyName: friendlyName
    storageAccount: storageId
    keyVault: keyVaultId
    containerRegistry: containerRegistryId
    applicationInsights: applicationInsightsId
    primaryUserAssignedIdentity: identity.id
    systemDatastoresAuthMode: 'Identity'
    imageBuildCompute: buildClusterName
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    v1LegacyMode: false
    provisionNetworkNow: true
    managedNetwork: {
      isolationMode: isolationMode
      outboundRules: outboundRules
    }
  }
}

resource workspaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workspace
  name: 'logs'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = workspace.id
output name string = workspace.name
