// Logs of an online endpoint, and alerts on what its callers notice.

@description('Beginning of every alert\'s name.')
param alertPrefix string

@description('Region of the Log Analytics workspace.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Name of the workspace.')
param workspaceName string

@description('Name of the endpoint.')
param endpointName string

@description('Milliseconds that 95 of 100 requests must stay under.')
param latencyMs int

@description('Failed requests a minute that are accepted.')
param errorsPerMinute int

@description('Requests in a quarter of an hour below which the endpoint counts as silent; 0 for none expected.')
param expectedRequests int

@description('Resource id of the action group.')
param actionGroupId string

@description('Resource id of the Log Analytics workspace.')
param logAnalyticsId string

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' existing = {
  name: workspaceName
}

resource endpoint 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2026-05-01' existing = {
  parent: workspace
  name: endpointName
}

resource endpointLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: endpoint
  name: 'logs'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource latency 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${alertPrefix}-endpoint-latency'
  location: 'global'
  tags: tags
  properties: {
    description: 'The endpoint answers too slowly.'
    severity: 2
    enabled: true
    scopes: [endpoint.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'latency'
          metricName: 'RequestLatency_P95'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: latencyMs
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

resource errors 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${alertPrefix}-endpoint-errors'
  location: 'global'
  tags: tags
  properties: {
    description: 'The endpoint answers with server errors.'
    severity: 1
    enabled: true
    scopes: [endpoint.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'errors'
          metricName: 'RequestsPerMinute'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: errorsPerMinute
          dimensions: [{ name: 'statusCodeClass', operator: 'Include', values: ['5xx'] }]
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

// An endpoint that nobody reaches reports no metric at all, so silence is counted in the logs.
resource availability 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${alertPrefix}-endpoint-availability'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: '${alertPrefix}-endpoint-availability'
    description: 'The endpoint answers fewer requests than are expected at any time.'
    severity: 1
    enabled: expectedRequests > 0
    scopes: [logAnalyticsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'AmlOnlineEndpointTrafficLog | where EndpointName =~ "${endpointName}" and toint(ResponseCode) < 500'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: expectedRequests
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [actionGroupId] }
  }
}

resource drift 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${alertPrefix}-endpoint-drift'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: '${alertPrefix}-endpoint-drift'
    description: 'Predictions moved from one day to the next. The monitoring job says by what the data differ from training.'
    severity: 2
    enabled: true
    scopes: [logAnalyticsId]
    evaluationFrequency: 'PT6H'
    windowSize: 'P1D'
    overrideQueryTimeRange: 'P2D'
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/drift.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [actionGroupId] }
  }
}
