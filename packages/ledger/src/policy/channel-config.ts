import { common, msp, orderer, peer } from '@hyperledger/fabric-protos'
import { readMsp, type Msp } from '../membership/msp.ts'
import { decoded } from '../wire/exact.ts'
import { groupAt, policyAt, rejectAll, signaturePolicy, type Policy } from './policy.ts'

/** An orderer as the configuration of a BFT channel names it. */
export interface Consenter {
  readonly id: number
  /** Its serialized identity. */
  readonly identity: Buffer
}

/** What a configuration block says of the channel. */
export interface ChannelConfig {
  readonly sequence: number
  readonly consensus: string
  readonly consenters: readonly Consenter[]
  readonly msps: ReadonlyMap<string, Msp>
  /** MSP ids of the organisations whose peers keep the ledger, by the name of their group. */
  readonly applicationOrganizations: ReadonlyMap<string, string>
  readonly group: common.ConfigGroup
  /** The policy at a path such as `/Channel/Application/Endorsement`. */
  readonly policy: (path: string) => Policy
  /** The policy that a chaincode's definition names. */
  readonly applicationPolicy: (bytes: Uint8Array) => Policy
}

/** The consensus type by which a chain of the embedded ledger is known. */
export const embeddedConsensus = 'bims-embedded'

const valueOf = (group: common.ConfigGroup | undefined, name: string): Uint8Array | undefined =>
  group?.getValuesMap().get(name)?.getValue_asU8()

const organizationMsps = (group: common.ConfigGroup | undefined): ReadonlyMap<string, Msp> => {
  const found = new Map<string, Msp>()
  for (const [name, organization] of group?.getGroupsMap().entries() ?? []) {
    const bytes = valueOf(organization, 'MSP')
    const own = bytes === undefined ? undefined : readMsp(bytes)
    if (own !== undefined) found.set(name, own)
  }
  return found
}

const serializedIdentity = (mspId: string, certificate: Uint8Array): Buffer => {
  const identity = new msp.SerializedIdentity()
  identity.setMspid(mspId)
  identity.setIdBytes(certificate)
  return Buffer.from(identity.serializeBinary())
}

const consentersOf = (group: common.ConfigGroup | undefined): readonly Consenter[] => {
  const bytes = valueOf(group, 'Orderers')
  const message = bytes === undefined ? undefined : decoded(common.Orderers, bytes)
  return (message?.getConsenterMappingList() ?? []).map(consenter => ({
    id: consenter.getId(),
    identity: serializedIdentity(consenter.getMspId(), consenter.getIdentity_asU8())
  }))
}

const consensusOf = (group: common.ConfigGroup | undefined): string => {
  const bytes = valueOf(group, 'ConsensusType')
  return bytes === undefined ? '' : (decoded(orderer.ConsensusType, bytes)?.getType() ?? '')
}

const { TypeCase } = peer.ApplicationPolicy

const applicationPolicy =
  (policy: ChannelConfig['policy']) =>
  (bytes: Uint8Array): Policy => {
    const message = decoded(peer.ApplicationPolicy, bytes)
    switch (message?.getTypeCase()) {
      case TypeCase.SIGNATURE_POLICY:
        return signaturePolicy(message.getSignaturePolicy())
      case TypeCase.CHANNEL_CONFIG_POLICY_REFERENCE:
        return policy(message.getChannelConfigPolicyReference())
      default:
        return rejectAll
    }
  }

const remembered = (policy: (path: string) => Policy): ((path: string) => Policy) => {
  const known = new Map<string, Policy>()
  return path => {
    const found = known.get(path) ?? policy(path)
    known.set(path, found)
    return found
  }
}

/** Reads a configuration; undefined where it has none of the groups that a channel has. */
export const readChannelConfig = (config: common.Config): ChannelConfig | undefined => {
  const group = config.getChannelGroup()
  const ordererGroup = group === undefined ? undefined : groupAt(group, ['Orderer'])
  const application = group === undefined ? undefined : groupAt(group, ['Application'])
  if (group === undefined || ordererGroup === undefined || application === undefined) return undefined
  const applicationMsps = organizationMsps(application)
  const msps = new Map<string, Msp>()
  for (const own of [...applicationMsps.values(), ...organizationMsps(ordererGroup).values()])
    if (!msps.has(own.mspId)) msps.set(own.mspId, own)
  const policy = remembered(path => policyAt(group, path))
  return {
    sequence: config.getSequence(),
    consensus: consensusOf(ordererGroup),
    consenters: consentersOf(ordererGroup),
    msps,
    applicationOrganizations: new Map([...applicationMsps].map(([name, own]) => [name, own.mspId])),
    group,
    policy,
    applicationPolicy: applicationPolicy(policy)
  }
}

/** How many of so many BFT orderers must sign a block. */
const bftQuorum = (consenters: number): number => {
  const faulty = Math.floor((consenters - 1) / 3)
  return Math.ceil((consenters + faulty + 1) / 2)
}

/** Whether those who signed a block are the orderers that the configuration asks for. */
export const blockPolicy = (config: ChannelConfig): Policy =>
  config.consensus === 'BFT' ? bftPolicy(config.consenters) : config.policy('/Channel/Orderer/BlockValidation')

const bftPolicy =
  (consenters: readonly Consenter[]): Policy =>
  signers => {
    const signed = consenters.filter(({ identity }) => signers.some(({ serialized }) => serialized.equals(identity)))
    return consenters.length > 0 && signed.length >= bftQuorum(consenters.length)
  }
