import { common, msp, orderer, peer } from '@hyperledger/fabric-protos'
import timestampMessage from 'google-protobuf/google/protobuf/timestamp_pb.js'
import {
  countingPolicy,
  signedPolicy,
  type CountingRule,
  type EndorsementPolicy
} from '../policies/endorsement-policy.ts'
import { parseStored } from './envelope.ts'
import { decode } from '../protobuf/messages.ts'
import { newBlock } from './block.ts'
import { corrupt } from './corrupt.ts'

const { ConfigGroup, ConfigPolicy, ConfigValue, ImplicitMetaPolicy, Policy, SignaturePolicy, SignaturePolicyEnvelope } =
  common
const { MSPPrincipal, MSPRole } = msp

/** What the first block says of an organisation. */
export interface OrganizationDefinition {
  readonly name: string
  readonly mspId: string
  readonly roots: readonly string[]
  readonly tlsRoots: readonly string[]
}

/** What the first block says of the channel. */
export interface ChannelDefinition {
  readonly channel: string
  readonly endorsement: EndorsementPolicy
  readonly organizations: readonly OrganizationDefinition[]
}

/** The consensus type by which a reader knows a chain of the embedded ledger. */
const consensusType = 'bims-embedded'

interface Serializable {
  readonly serializeBinary: () => Uint8Array
}

const admins = 'Admins'

const value = (message: Serializable): common.ConfigValue => {
  const entry = new ConfigValue()
  entry.setValue(message.serializeBinary())
  entry.setModPolicy(admins)
  return entry
}

const policy = (type: number, message: Serializable): common.ConfigPolicy => {
  const inner = new Policy()
  inner.setType(type)
  inner.setValue(message.serializeBinary())
  const entry = new ConfigPolicy()
  entry.setPolicy(inner)
  entry.setModPolicy(admins)
  return entry
}

const implicit = (rule: CountingRule, subPolicy: string): common.ConfigPolicy => {
  const message = new ImplicitMetaPolicy()
  message.setSubPolicy(subPolicy)
  const rules = {
    any: ImplicitMetaPolicy.Rule.ANY,
    all: ImplicitMetaPolicy.Rule.ALL,
    majority: ImplicitMetaPolicy.Rule.MAJORITY
  }
  message.setRule(rules[rule])
  return policy(Policy.PolicyType.IMPLICIT_META, message)
}

// One signature of an identity of the organisation that has the role.
const signedBy = (
  mspId: string,
  role: msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]
): common.ConfigPolicy => {
  const principalRole = new MSPRole()
  principalRole.setMspIdentifier(mspId)
  principalRole.setRole(role)
  const principal = new MSPPrincipal()
  principal.setPrincipalClassification(MSPPrincipal.Classification.ROLE)
  principal.setPrincipal(principalRole.serializeBinary())
  const rule = new SignaturePolicy()
  rule.setSignedBy(0)
  const outOf = new SignaturePolicy.NOutOf()
  outOf.setN(1)
  outOf.addRules(rule)
  const all = new SignaturePolicy()
  all.setNOutOf(outOf)
  const envelope = new SignaturePolicyEnvelope()
  envelope.setRule(all)
  envelope.addIdentities(principal)
  return policy(Policy.PolicyType.SIGNATURE, envelope)
}

const unit = (name: string): msp.FabricOUIdentifier => {
  const identifier = new msp.FabricOUIdentifier()
  identifier.setOrganizationalUnitIdentifier(name)
  return identifier
}

const mspValue = (organization: OrganizationDefinition): common.ConfigValue => {
  const units = new msp.FabricNodeOUs()
  units.setEnable(true)
  units.setClientOuIdentifier(unit('client'))
  units.setPeerOuIdentifier(unit('peer'))
  units.setAdminOuIdentifier(unit('admin'))
  units.setOrdererOuIdentifier(unit('orderer'))
  const hashes = new msp.FabricCryptoConfig()
  hashes.setSignatureHashFamily('SHA2')
  hashes.setIdentityIdentifierHashFunction('SHA256')
  const fabric = new msp.FabricMSPConfig()
  fabric.setName(organization.mspId)
  fabric.setRootCertsList(organization.roots.map(pem => Buffer.from(pem)))
  fabric.setTlsRootCertsList(organization.tlsRoots.map(pem => Buffer.from(pem)))
  fabric.setCryptoConfig(hashes)
  fabric.setFabricNodeOus(units)
  const config = new msp.MSPConfig()
  config.setConfig(fabric.serializeBinary())
  return value(config)
}

const organizationGroup = (organization: OrganizationDefinition): common.ConfigGroup => {
  const group = new ConfigGroup()
  group.setModPolicy(admins)
  group.getValuesMap().set('MSP', mspValue(organization))
  const policies = group.getPoliciesMap()
  policies.set('Readers', signedBy(organization.mspId, MSPRole.MSPRoleType.MEMBER))
  policies.set('Writers', signedBy(organization.mspId, MSPRole.MSPRoleType.MEMBER))
  policies.set(admins, signedBy(organization.mspId, MSPRole.MSPRoleType.ADMIN))
  policies.set('Endorsement', signedBy(organization.mspId, MSPRole.MSPRoleType.PEER))
  return group
}

const standardPolicies = (group: common.ConfigGroup): void => {
  group.setModPolicy(admins)
  group.getPoliciesMap().set('Readers', implicit('any', 'Readers'))
  group.getPoliciesMap().set('Writers', implicit('any', 'Writers'))
  group.getPoliciesMap().set(admins, implicit('majority', admins))
}

const capabilities = (name: string): common.ConfigValue => {
  const message = new common.Capabilities()
  message.getCapabilitiesMap().set(name, new common.Capability())
  return value(message)
}

const ordererGroup = (definition: ChannelDefinition): common.ConfigGroup => {
  const group = new ConfigGroup()
  standardPolicies(group)
  group.getPoliciesMap().set('BlockValidation', implicit('any', 'Writers'))
  const consensus = new orderer.ConsensusType()
  consensus.setType(consensusType)
  group.getValuesMap().set('ConsensusType', value(consensus))
  group.getValuesMap().set('Capabilities', capabilities('V2_0'))
  for (const organization of definition.organizations)
    group.getGroupsMap().set(organization.mspId, organizationGroup(organization))
  return group
}

const endorsementValue = ({ form }: EndorsementPolicy): common.ConfigPolicy =>
  typeof form === 'string' ? implicit(form, 'Endorsement') : policy(Policy.PolicyType.SIGNATURE, form)

const applicationGroup = (definition: ChannelDefinition): common.ConfigGroup => {
  const group = new ConfigGroup()
  standardPolicies(group)
  group.getPoliciesMap().set('Endorsement', endorsementValue(definition.endorsement))
  group.getPoliciesMap().set('LifecycleEndorsement', implicit('majority', 'Endorsement'))
  group.getValuesMap().set('Capabilities', capabilities('V2_5'))
  for (const organization of definition.organizations)
    group.getGroupsMap().set(organization.mspId, organizationGroup(organization))
  return group
}

const channelGroup = (definition: ChannelDefinition): common.ConfigGroup => {
  const group = new ConfigGroup()
  standardPolicies(group)
  const hashing = new common.HashingAlgorithm()
  hashing.setName('SHA256')
  const structure = new common.BlockDataHashingStructure()
  structure.setWidth(0xffffffff)
  group.getValuesMap().set('HashingAlgorithm', value(hashing))
  group.getValuesMap().set('BlockDataHashingStructure', value(structure))
  group.getValuesMap().set('Capabilities', capabilities('V3_0'))
  group.getGroupsMap().set('Orderer', ordererGroup(definition))
  group.getGroupsMap().set('Application', applicationGroup(definition))
  return group
}

const configEnvelope = (definition: ChannelDefinition, now: Date): common.Envelope => {
  const config = new common.Config()
  config.setChannelGroup(channelGroup(definition))
  const envelope = new common.ConfigEnvelope()
  envelope.setConfig(config)
  const timestamp = new timestampMessage.Timestamp()
  timestamp.fromDate(now)
  const channelHeader = new common.ChannelHeader()
  channelHeader.setType(common.HeaderType.CONFIG)
  channelHeader.setVersion(1)
  channelHeader.setTimestamp(timestamp)
  channelHeader.setChannelId(definition.channel)
  const header = new common.Header()
  header.setChannelHeader(channelHeader.serializeBinary())
  header.setSignatureHeader(new common.SignatureHeader().serializeBinary())
  const payload = new common.Payload()
  payload.setHeader(header)
  payload.setData(envelope.serializeBinary())
  const signed = new common.Envelope()
  signed.setPayload(payload.serializeBinary())
  return signed
}

/** Builds the first block of a chain: a configuration transaction that names the organisations and their roots. */
export const newGenesisBlock = (definition: ChannelDefinition, now: Date): common.Block =>
  newBlock({
    number: 0,
    previousHash: new Uint8Array(),
    data: [configEnvelope(definition, now).serializeBinary()],
    flags: Uint8Array.of(peer.TxValidationCode.VALID),
    commitHash: new Uint8Array(),
    signers: []
  })

const organizationsOf = (group: common.ConfigGroup): readonly OrganizationDefinition[] =>
  [...group.getGroupsMap().entries()].flatMap(([mspId, organization]) => {
    const bytes = organization.getValuesMap().get('MSP')?.getValue_asU8()
    const config = bytes === undefined ? undefined : decode(msp.MSPConfig, bytes)
    const fabric = config === undefined ? undefined : decode(msp.FabricMSPConfig, config.getConfig_asU8())
    if (fabric === undefined) return []
    const text = (pem: Uint8Array): string => Buffer.from(pem).toString()
    const tlsRoots = fabric.getTlsRootCertsList_asU8().map(text)
    return [{ name: mspId, mspId, roots: fabric.getRootCertsList_asU8().map(text), tlsRoots }]
  })

const endorsementOf = (group: common.ConfigGroup, mspIds: readonly string[]): EndorsementPolicy => {
  const found = group.getPoliciesMap().get('Endorsement')?.getPolicy()
  const bytes = found?.getValue_asU8() ?? new Uint8Array()
  if (found?.getType() === Policy.PolicyType.SIGNATURE) {
    const envelope = decode(SignaturePolicyEnvelope, bytes)
    if (envelope === undefined) throw corrupt('The endorsement policy of the first block cannot be read.')
    return signedPolicy(envelope, mspIds)
  }
  const rule = decode(ImplicitMetaPolicy, bytes)?.getRule()
  if (rule === ImplicitMetaPolicy.Rule.ANY) return countingPolicy('any', mspIds)
  return countingPolicy(rule === ImplicitMetaPolicy.Rule.ALL ? 'all' : 'majority', mspIds)
}

/**
 * Reads the first block of a chain.
 * @throws `network-corrupt` where it holds no configuration.
 */
export const readGenesisBlock = (block: common.Block): ChannelDefinition => {
  const parsed = parseStored(block.getData()?.getDataList_asU8()[0])
  const config = parsed === undefined ? undefined : decode(common.ConfigEnvelope, parsed.data)
  const application = config?.getConfig()?.getChannelGroup()?.getGroupsMap().get('Application')
  if (parsed === undefined || application === undefined) throw corrupt('The first block holds no configuration.')
  const organizations = organizationsOf(application)
  return {
    channel: parsed.channel.getChannelId(),
    endorsement: endorsementOf(
      application,
      organizations.map(({ mspId }) => mspId)
    ),
    organizations
  }
}
