// Clusters that cost nothing while nobody uses them.

@description('Name of the workspace.')
param workspaceName string

@description('Name of the cluster of jobs and batch endpoints.')
param clusterName string

@description('Name of the cluster that builds images.')
param buildClusterName string

@description('Name of the identity of jobs and batch endpoints.')
param trainingIdentityName string

@description('Name of the identity of the cluster that builds images.')
param buildIdentityName string

@description('Region of the workspace: clusters of a managed network cannot be elsewhere.')
param location string

@description('Tags of everything that is created.')
param tags object

@description('Size of the nodes.')
param vmSize string

@description('Greatest number of nodes.')
@minValue(1)
param maxNodes int

@description('LowPriority costs about a fifth and can be taken away in the middle of a job.')
@allowed(['Dedicated', 'LowPriority'])
param vmPriority string

@description('How long a node waits for work before it is given back (ISO 8601).')
param idleTime string

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' existing = {
  name: workspaceName
}

resource trainingIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: trainingIdentityName
}

resource buildIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: buildIdentityName
}

resource cluster 'Microsoft.MachineLearningServices/workspaces/computes@2026-05-01' = {
  parent: workspace
  name: clusterName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${trainingIdentity.id}': {} }
  }
  properties: {
    computeType: 'AmlCompute'
    disableLocalAuth: true
    properties: {
      osType: 'Linux'
      vmSize: vmSize
      vmPriority: vmPriority
      enableNodePublicIp: false
      remoteLoginPortPublicAccess: 'Disabled'
      scaleSettings: {
        minNodeCount: 0
        maxNodeCount: maxNodes
        nodeIdleTimeBeforeScaleDown: idleTime
      }
    }
  }
}

resource buildCluster 'Microsoft.MachineLearningServices/workspaces/computes@2026-05-01' = {
  parent: workspace
  name: buildClusterName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${buildIdentity.id}': {} }
  }
  properties: {
    computeType: 'AmlCompute'
    disableLocalAuth: true
    properties: {
      osType: 'Linux'
      vmSize: vmSize
      vmPriority: 'Dedicated'
      enableNodePublicIp: false
      remoteLoginPortPublicAccess: 'Disabled'
      scaleSettings: {
        minNodeCount: 0
        maxNodeCount: 1
        nodeIdleTimeBeforeScaleDown: idleTime
      }
    }
  }
}
