// Governance of the project's resource groups, deployed by an administrator where the team may
// make policy. The definitions live in the subscription; they are assigned to the project's groups
// alone, so that nobody else's deployments change.
targetScope = 'subscription'

@description('Region of the assignments\' identities.')
param location string

@description('Regions in which resources may be made; global resources are always allowed.')
param allowedLocations array

@description('Names of the resource groups that the policies hold in; all of them in this subscription.')
param resourceGroupNames array = [
  loadJsonContent('names.json').shared.resourceGroup
  loadJsonContent('names.json').dev.resourceGroup
  loadJsonContent('names.json').test.resourceGroup
  loadJsonContent('names.json').prod.resourceGroup
]

@description('Default refuses what breaks the policy; DoNotEnforce only reports it.')
@allowed(['Default', 'DoNotEnforce'])
param enforcementMode string = 'Default'

var requiredTags = ['owner', 'cost-center', 'environment', 'project', 'data-classification']

// Modify runs before deny: what a service creates by itself takes its group's tags and is let in.
resource inheritTag 'Microsoft.Authorization/policyDefinitions@2026-07-01' = {
  name: 'mlops-inherit-tag'
  properties: {
    displayName: 'Inherit a tag from the resource group'
    description: 'Gives a resource that lacks the tag the value of its resource group.'
    policyType: 'Custom'
    mode: 'Indexed'
    metadata: { category: 'Tags', version: '1.0.0' }
    parameters: {
      tagName: {
        type: 'String'
        metadata: { displayName: 'Tag', description: 'Name of the tag.' }
      }
    }
    policyRule: {
      if: {
        allOf: [
          { field: '[concat(\'tags[\', parameters(\'tagName\'), \']\')]', exists: 'false' }
          { value: '[resourceGroup().tags[parameters(\'tagName\')]]', notEquals: '' }
        ]
      }
      then: {
        effect: 'modify'
        details: {
          roleDefinitionIds: ['/providers/Microsoft.Authorization/roleDefinitions/${loadJsonContent('roles.json').bootstrap.tagContributor}']
          operations: [
            {
              operation: 'add'
              field: '[concat(\'tags[\', parameters(\'tagName\'), \']\')]'
              value: '[resourceGroup().tags[parameters(\'tagName\')]]'
            }
          ]
        }
      }
    }
  }
}

resource requireTag 'Microsoft.Authorization/policyDefinitions@2026-07-01' = {
  name: 'mlops-require-tag'
  properties: {
    displayName: 'Require a tag on resources'
    description: 'Refuses a resource that lacks the tag.'
    policyType: 'Custom'
    mode: 'Indexed'
    metadata: { category: 'Tags', version: '1.0.0' }
    parameters: {
      tagName: {
        type: 'String'
        metadata: { displayName: 'Tag', description: 'Name of the tag.' }
      }
    }
    policyRule: {
      if: { field: '[concat(\'tags[\', parameters(\'tagName\'), \']\')]', exists: 'false' }
      then: { effect: 'deny' }
    }
  }
}

var inheriting = [for tag in requiredTags: {
  policyDefinitionId: inheritTag.id
  policyDefinitionReferenceId: 'inherit-${tag}'
  parameters: { tagName: { value: tag } }
}]

var requiring = [for tag in requiredTags: {
  policyDefinitionId: requireTag.id
  policyDefinitionReferenceId: 'require-${tag}'
  parameters: { tagName: { value: tag } }
}]

resource tagging 'Microsoft.Authorization/policySetDefinitions@2026-07-01' = {
  name: 'mlops-tagging'
  properties: {
    displayName: 'Tags of machine-learning projects'
    description: 'Every resource carries owner, cost centre, environment, project and data class.'
    policyType: 'Custom'
    metadata: { category: 'Tags', version: '1.0.0' }
    policyDefinitions: concat(inheriting, requiring)
  }
}

module assignments 'modules/policy-assignments.bicep' = [for groupName in resourceGroupNames: {
  name: 'policy-${groupName}'
  scope: resourceGroup(groupName)
  params: {
    location: location
    taggingId: tagging.id
    allowedLocations: allowedLocations
    enforcementMode: enforcementMode
  }
}]
