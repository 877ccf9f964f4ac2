// The questions that are asked of the logs, from the .kql files: saved in the workspace, and in a
// query pack that shows them next to every resource of its kind.

@description('Name of the Log Analytics workspace.')
param logAnalyticsName string

@description('Name of the query pack.')
param queryPackName string

@description('Region of the query pack.')
param location string

@description('Tags of everything that is created.')
param tags object

var queries = [
  { name: 'failed-jobs', title: 'Failed jobs', text: loadTextContent('../queries/failed-jobs.kql') }
  { name: 'endpoint-requests', title: 'Endpoint requests, errors and latency', text: loadTextContent('../queries/endpoint-requests.kql') }
  { name: 'endpoint-errors', title: 'Errors written by the scoring script', text: loadTextContent('../queries/endpoint-errors.kql') }
  { name: 'model-metrics', title: 'The model\'s own metrics', text: loadTextContent('../queries/model-metrics.kql') }
  { name: 'cluster-nodes', title: 'Nodes of the clusters', text: loadTextContent('../queries/cluster-nodes.kql') }
  { name: 'vault-refusals', title: 'Refused requests to the vault', text: loadTextContent('../queries/vault-refusals.kql') }
  { name: 'storage-refusals', title: 'Refused requests to the storage', text: loadTextContent('../queries/storage-refusals.kql') }
  { name: 'log-volume', title: 'What the logs cost, by table', text: loadTextContent('../queries/log-volume.kql') }
]

resource logAnalytics 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: logAnalyticsName
}

resource saved 'Microsoft.OperationalInsights/workspaces/savedSearches@2026-03-01' = [for query in queries: {
  parent: logAnalytics
  name: query.name
  etag: '*'
  properties: {
    category: 'MLOps'
    displayName: query.title
    query: query.text
    version: 2
  }
}]

resource pack 'Microsoft.OperationalInsights/queryPacks@2026-03-01' = {
  name: queryPackName
  location: location
  tags: tags
  properties: {}
}

resource packed 'Microsoft.OperationalInsights/queryPacks/queries@2026-03-01' = [for query in queries: {
  parent: pack
  name: guid(queryPackName, query.name)
  properties: {
    displayName: query.title
    body: query.text
    related: {
      categories: ['monitor']
      resourceTypes: [
        'microsoft.machinelearningservices/workspaces'
        'microsoft.operationalinsights/workspaces'
      ]
    }
  }
}]
