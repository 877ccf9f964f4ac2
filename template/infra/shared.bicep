// What all environments share: the registry through which one model and one image travel from dev
// to prod without being made again. Deployed before the first environment.
targetScope = 'resourceGroup'

@description('Region of every resource; the environments are in the same one.')
param location string = resourceGroup().location

@description('Address that alerts and the budget write to.')
param alertEmail string

@description('Days for which logs are kept.')
param logRetentionDays int = 90

@description('Whether deletion of the registry is locked.')
param lockResources bool = true

@description('What the resource group may cost in a month, in the currency of the bill.')
param monthlyBudget int

@description('First day of the month in which the budget was made. Azure refuses to change it.')
param budgetStartDate string

var names = loadJsonContent('names.json').shared
var tags = union(loadJsonContent('tags.json'), { environment: 'shared' })

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: {
    name: names.registry
    logAnalyticsName: names.logAnalytics
    location: location
    tags: tags
    logRetentionDays: logRetentionDays
    locked: lockResources
  }
}

module budget 'modules/budget.bicep' = {
  name: 'budget'
  params: {
    name: names.budget
    monthlyAmount: monthlyBudget
    startDate: budgetStartDate
    alertEmail: alertEmail
  }
}

output registryName string = registry.outputs.name
