// Where logs and telemetry go, and who is written to.

@description('Name of the Log Analytics workspace.')
param logAnalyticsName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Name of the action group.')
param actionGroupName string

@description('Region of the workspace and the component.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Gigabytes that may be ingested a day; -1 for no limit.')
param dailyQuotaGb int

@description('Address that alerts are written to.')
param alertEmail string

// Ingestion and queries stay public: telemetry comes from Azure services and from people's
// browsers, every query needs a role, and a private link scope would have to be one per network.
resource logAnalytics 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: logAnalyticsName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyQuotaGb }
    features: { enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

// Its logs are tables of the workspace above: a diagnostic setting would store and bill them twice.
resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logAnalytics.id
    IngestionMode: 'LogAnalytics'
    DisableIpMasking: false
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'mlops'
    emailReceivers: [
      {
        name: 'team'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

resource logAnalyticsAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: logAnalytics
  name: 'logs'
  properties: {
    workspaceId: logAnalytics.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output logAnalyticsId string = logAnalytics.id
output applicationInsightsId string = applicationInsights.id
output actionGroupId string = actionGroup.id
output logAnalyticsName string = logAnalytics.name
