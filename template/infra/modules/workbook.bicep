// One page on which a team sees its model: requests, latency, the model's metrics, jobs, cost of
// logs. The queries are those of queries/*.kql.

@description('Title of the workbook.')
param title string

@description('Region of the workbook.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

var panels = [
  { name: 'requests', title: 'Requests, errors and latency', view: 'timechart', query: loadTextContent('../queries/endpoint-requests.kql') }
  { name: 'metrics', title: 'What the model reports of itself', view: 'timechart', query: loadTextContent('../queries/model-metrics.kql') }
  { name: 'errors', title: 'Errors of the scoring script', view: 'table', query: loadTextContent('../queries/endpoint-errors.kql') }
  { name: 'jobs', title: 'Failed jobs', view: 'table', query: loadTextContent('../queries/failed-jobs.kql') }
  { name: 'nodes', title: 'Nodes of the clusters', view: 'timechart', query: loadTextContent('../queries/cluster-nodes.kql') }
  { name: 'volume', title: 'Logs by table', view: 'barchart', query: loadTextContent('../queries/log-volume.kql') }
]

var timeRange = {
  type: 9
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        id: guid(resourceGroup().id, 'time-range')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
        }
      }
    ]
  }
  name: 'time-range'
}

var items = [for panel in panels: {
  type: 3
  content: {
    version: 'KqlItem/1.0'
    title: panel.title
    query: panel.query
    size: 0
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    crossComponentResources: [logAnalyticsId]
    timeContextFromParameter: 'TimeRange'
    visualization: panel.view
  }
  name: panel.name
}]

var page = {
  version: 'Notebook/1.0'
  items: concat([timeRange], items)
  fallbackResourceIds: [logAnalyticsId]
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: logAnalyticsId
    version: 'Notebook/1.0'
    serializedData: string(page)
  }
}
