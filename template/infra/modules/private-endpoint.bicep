// A private address of one resource, with its name in the private zones.

@description('Name of the private endpoint.')
param name string

@description('Region of the subnet.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Resource id of the subnet that the address is taken from.')
param subnetId string

@description('Resource id of what is reached.')
param targetId string

@description('Group id, the part of the target that is reached: amlworkspace, blob, file, vault, registry.')
param groupId string

@description('Resource ids of the private zones; an empty first one leaves names to the network\'s owner.')
param zoneIds array

@description('Principal that must be able to see the endpoint; nobody where it is empty.')
param readerPrincipalId string = ''

var roles = loadJsonContent('../roles.json').assigned

resource endpoint 'Microsoft.Network/privateEndpoints@2025-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    customNetworkInterfaceName: '${name}-nic'
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: targetId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-09-01' = if (!empty(zoneIds[0])) {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [for (zoneId, index) in zoneIds: {
      name: 'zone-${index}'
      properties: { privateDnsZoneId: zoneId }
    }]
  }
}

resource reading 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(readerPrincipalId)) {
  scope: endpoint
  name: guid(endpoint.id, readerPrincipalId, roles.reader)
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.reader)
  }
}
