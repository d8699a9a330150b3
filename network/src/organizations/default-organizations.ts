/** A user of an organisation with the role that chaincode sees. */
export interface UserRequest {
  readonly name: string
  /** Value of the attribute `bims.role`; none where left out. */
  readonly role?: 'instrument' | 'scientist' | 'steward' | 'auditor'
  /** Further attributes of its certificate, for chaincode that asks for them. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** An organisation that a network is to have. */
export interface OrganizationRequest {
  /** Short name: `org1`. */
  readonly name: string
  /** MSP id: `Org1MSP`. */
  readonly mspId: string
  readonly users: readonly UserRequest[]
}

/** The two organisations of an embedded ledger for which nothing else is asked. */
export const defaultOrganizations: readonly OrganizationRequest[] = [
  {
    name: 'org1',
    mspId: 'Org1MSP',
    users: [
      { name: 'scope', role: 'instrument' },
      { name: 'alice', role: 'scientist' },
      { name: 'sam', role: 'steward' },
      { name: 'audrey', role: 'auditor' }
    ]
  },
  {
    name: 'org2',
    mspId: 'Org2MSP',
    users: [
      { name: 'scope2', role: 'instrument' },
      { name: 'bob', role: 'scientist' },
      { name: 'sue', role: 'steward' },
      { name: 'otto', role: 'auditor' }
    ]
  }
]

/** The three organisations of a real Fabric network for which nothing else is asked: those two and a third. */
export const threeOrganizations: readonly OrganizationRequest[] = [
  ...defaultOrganizations,
  {
    name: 'org3',
    mspId: 'Org3MSP',
    users: [
      { name: 'scope3', role: 'instrument' },
      { name: 'carol', role: 'scientist' },
      { name: 'steve', role: 'steward' },
      { name: 'olga', role: 'auditor' }
    ]
  }
]

/** The identity that is used where none is named. */
export const defaultIdentity = 'org1/alice'
