// What one slot of an endpoint gets once it serves: scaling with its load, and an alert when
// scaling no longer helps. It goes when the slot goes (docs/infrastructure.md).

@description('Beginning of the autoscale setting\'s name.')
param autoscalePrefix string

@description('Beginning of the alert\'s name.')
param alertPrefix string

@description('Region of the workspace.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Name of the workspace.')
param workspaceName string

@description('Name of the endpoint.')
param endpointName string

@description('Name of the deployment: blue or green.')
param slot string

@description('Smallest number of instances.')
@minValue(1)
param minInstances int

@description('Greatest number of instances.')
param maxInstances int

@description('Resource id of the action group.')
param actionGroupId string

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' existing = {
  name: workspaceName
}

resource endpoint 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2026-05-01' existing = {
  parent: workspace
  name: endpointName
}

resource deployment 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2026-05-01' existing = {
  parent: endpoint
  name: slot
}

var busy = {
  metricName: 'CpuUtilizationPercentage'
  metricResourceUri: deployment.id
  timeGrain: 'PT1M'
  timeWindow: 'PT5M'
  statistic: 'Average'
  timeAggregation: 'Average'
  operator: 'GreaterThan'
  threshold: 65
}

var idle = {
  metricName: 'CpuUtilizationPercentage'
  metricResourceUri: deployment.id
  timeGrain: 'PT1M'
  timeWindow: 'PT15M'
  statistic: 'Average'
  timeAggregation: 'Average'
  operator: 'LessThan'
  threshold: 25
}

resource autoscale 'Microsoft.Insights/autoscalesettings@2022-10-01' = {
  name: '${autoscalePrefix}-${slot}'
  location: location
  tags: tags
  properties: {
    enabled: true
    targetResourceUri: deployment.id
    targetResourceLocation: location
    profiles: [
      {
        name: 'load'
        capacity: {
          minimum: string(minInstances)
          maximum: string(maxInstances)
          default: string(minInstances)
        }
        rules: [
          {
            metricTrigger: busy
            scaleAction: { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' }
          }
          {
            metricTrigger: idle
            scaleAction: { direction: 'Decrease', type: 'ChangeCount', value: '1', cooldown: 'PT10M' }
          }
        ]
      }
    ]
  }
}

resource saturation 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${alertPrefix}-${slot}-saturation'
  location: 'global'
  tags: tags
  properties: {
    description: 'The slot is busy although it may scale: raise maxInstances or the instance size.'
    severity: 2
    enabled: true
    scopes: [deployment.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'cpu'
          metricName: 'CpuUtilizationPercentage'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: 90
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
