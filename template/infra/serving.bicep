// What an online endpoint gets once it serves; deployed after each change of its slots, because
// the resources that it refers to must be there. docs/infrastructure.md says what goes with a slot.
targetScope = 'resourceGroup'

@description('Environment; its names come from names.json.')
@allowed(['dev', 'test', 'prod'])
param environmentName string

@description('Region of every resource.')
param location string = resourceGroup().location

@description('Name of the endpoint.')
param endpointName string = loadJsonContent('names.json')[environmentName].onlineEndpoint

@description('Deployments of the endpoint that are there: blue, green or both.')
param slots array

@description('Smallest number of instances of a slot.')
@minValue(1)
param minInstances int = 2

@description('Greatest number of instances of a slot.')
param maxInstances int = 4

@description('Milliseconds that 95 of 100 requests must stay under.')
param latencyMs int = 1000

@description('Failed requests a minute that are accepted.')
param errorsPerMinute int = 1

@description('Requests in a quarter of an hour below which the endpoint counts as silent; 0 for none expected.')
param expectedRequests int = 0

var allNames = loadJsonContent('names.json')
var names = allNames[environmentName]
var tags = union(loadJsonContent('tags.json'), { environment: environmentName })

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: names.actionGroup
}

resource logAnalytics 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: names.logAnalytics
}

module endpoint 'modules/endpoint.bicep' = {
  name: 'endpoint-${endpointName}'
  params: {
    alertPrefix: names.alert
    location: location
    tags: tags
    workspaceName: names.workspace
    endpointName: endpointName
    latencyMs: latencyMs
    errorsPerMinute: errorsPerMinute
    expectedRequests: expectedRequests
    actionGroupId: actionGroup.id
    logAnalyticsId: logAnalytics.id
  }
}

module slotSettings 'modules/slot.bicep' = [for slot in slots: {
  name: 'slot-${endpointName}-${slot}'
  params: {
    autoscalePrefix: names.autoscale
    alertPrefix: names.alert
    location: location
    tags: tags
    workspaceName: names.workspace
    endpointName: endpointName
    slot: slot
    minInstances: minInstances
    maxInstances: maxInstances
    actionGroupId: actionGroup.id
  }
}]
