// Alerts on what is there from the first deployment on; those on online endpoints come with these.

@description('Beginning of every alert\'s name.')
param namePrefix string

@description('Region of the Log Analytics workspace.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Resource id of the action group.')
param actionGroupId string

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

@description('Resource id of the Azure ML workspace.')
param workspaceId string

@description('Resource id of the storage account.')
param storageId string

@description('Resource id of the key vault.')
param keyVaultId string

var metricAlerts = [
  {
    name: 'quota'
    description: 'Compute quota is nearly used up: jobs and deployments will wait or fail.'
    severity: 2
    target: workspaceId
    metric: 'Quota Utilization Percentage'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 80
  }
  {
    name: 'unusable-nodes'
    description: 'Nodes of a cluster came up unusable: look at the managed network and the image.'
    severity: 2
    target: workspaceId
    metric: 'Unusable Nodes'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'storage-availability'
    description: 'Requests to the storage account fail.'
    severity: 1
    target: storageId
    metric: 'Availability'
    aggregation: 'Average'
    operator: 'LessThan'
    threshold: 99
  }
  {
    name: 'vault-availability'
    description: 'Requests to the key vault fail.'
    severity: 1
    target: keyVaultId
    metric: 'Availability'
    aggregation: 'Average'
    operator: 'LessThan'
    threshold: 99
  }
]

var logAlerts = [
  {
    name: 'failed-jobs'
    description: 'A job of the workspace failed; the monitor fails on drift and on decay.'
    severity: 2
    query: loadTextContent('../queries/failed-jobs.kql')
    threshold: 0
  }
  {
    name: 'vault-refusals'
    description: 'The vault refused several requests: a missing role, or somebody who is looking around.'
    severity: 2
    query: loadTextContent('../queries/vault-refusals.kql')
    threshold: 5
  }
  {
    name: 'storage-refusals'
    description: 'The storage refused several requests: a missing role, or somebody who is looking around.'
    severity: 3
    query: loadTextContent('../queries/storage-refusals.kql')
    threshold: 20
  }
]

var watchedOperations = [
  { name: 'role-change', operation: 'Microsoft.Authorization/roleAssignments/write', description: 'Somebody was given a role.' }
  { name: 'lock-removed', operation: 'Microsoft.Authorization/locks/delete', description: 'A deletion lock was removed.' }
]

resource metrics 'Microsoft.Insights/metricAlerts@2026-01-01' = [for alert in metricAlerts: {
  name: '${namePrefix}-${alert.name}'
  location: 'global'
  tags: tags
  properties: {
    description: alert.description
    severity: alert.severity
    enabled: true
    scopes: [alert.target]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: alert.name
          metricName: alert.metric
          timeAggregation: alert.aggregation
          operator: alert.operator
          threshold: alert.threshold
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}]

// Validation is skipped because a table exists only after its first row: a first deployment
// would fail on it.
resource logs 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for alert in logAlerts: {
  name: '${namePrefix}-${alert.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: '${namePrefix}-${alert.name}'
    description: alert.description
    severity: alert.severity
    enabled: true
    scopes: [logAnalyticsId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: alert.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [actionGroupId] }
  }
}]

resource operations 'Microsoft.Insights/activityLogAlerts@2026-01-01' = [for watched in watchedOperations: {
  name: '${namePrefix}-${watched.name}'
  location: 'global'
  tags: tags
  properties: {
    description: watched.description
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'Administrative' }
        { field: 'operationName', equals: watched.operation }
        { field: 'status', equals: 'Succeeded' }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}]

resource health 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${namePrefix}-resource-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure reports a resource of this group as degraded or unavailable.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
          ]
        }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
