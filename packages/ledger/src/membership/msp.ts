import { parsePem, verifyChain, type Certificate } from '@bims/core'
import { msp } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { decoded } from '../wire/exact.ts'
import { parseIdentity, unitsOf, type NodeRole } from './identity.ts'
import { isRevoked, parseRevocationLists, type RevocationList } from './revocation.ts'

/** The membership service provider of an organisation, as the channel's configuration has it. */
export interface Msp {
  readonly mspId: string
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly admins: readonly Certificate[]
  readonly revocations: readonly RevocationList[]
  /** The organisational units that tell roles apart; undefined where the organisation does not use them. */
  readonly units: ReadonlyMap<string, NodeRole> | undefined
}

/** An identity that leads to a root of its organisation. */
export interface Member {
  readonly mspId: string
  readonly subject: string
  /** Its serialized form, for policies that name one identity. */
  readonly serialized: Buffer
  readonly role: NodeRole | undefined
  readonly units: readonly string[]
  /** One of the certificates that the organisation names as an administrator's. */
  readonly namedAdmin: boolean
}

const certificates = (pems: readonly Uint8Array[]): readonly Certificate[] =>
  pems.flatMap(pem => {
    const parsed = parsePem(Buffer.from(pem).toString('latin1'))
    return E.isRight(parsed) ? parsed.right : []
  })

const unitNames = (units: msp.FabricNodeOUs | undefined): ReadonlyMap<string, NodeRole> | undefined => {
  if (units?.getEnable() !== true) return undefined
  const named: readonly (readonly [msp.FabricOUIdentifier | undefined, NodeRole])[] = [
    [units.getClientOuIdentifier(), 'client'],
    [units.getPeerOuIdentifier(), 'peer'],
    [units.getAdminOuIdentifier(), 'admin'],
    [units.getOrdererOuIdentifier(), 'orderer']
  ]
  return new Map(
    named.flatMap(([unit, role]) => {
      const name = unit?.getOrganizationalUnitIdentifier() ?? ''
      return name === '' ? [] : [[name, role] as const]
    })
  )
}

/** Reads the serialized MSP configuration of an organisation; undefined where it is none of Fabric's own kind. */
export const readMsp = (bytes: Uint8Array): Msp | undefined => {
  const config = decoded(msp.MSPConfig, bytes)
  const fabric = config?.getType() === 0 ? decoded(msp.FabricMSPConfig, config.getConfig_asU8()) : undefined
  if (fabric === undefined || fabric.getName() === '') return undefined
  const revocations = fabric.getRevocationListList_asU8().flatMap(list => {
    const parsed = parseRevocationLists(list)
    return E.isRight(parsed) ? parsed.right : []
  })
  return {
    mspId: fabric.getName(),
    roots: certificates(fabric.getRootCertsList_asU8()),
    intermediates: certificates(fabric.getIntermediateCertsList_asU8()),
    admins: certificates(fabric.getAdminsList_asU8()),
    revocations,
    units: unitNames(fabric.getFabricNodeOus())
  }
}

const same = (a: Certificate, b: Certificate): boolean => Buffer.from(a.rawData).equals(Buffer.from(b.rawData))

const roleIn = (units: Msp['units'], own: readonly string[]): E.Either<string, NodeRole | undefined> => {
  if (units === undefined) return E.right(undefined)
  const roles = own.flatMap(name => units.get(name) ?? [])
  return roles.length === 1
    ? E.right(roles[0])
    : E.left(roles.length === 0 ? 'it has no unit that says what it may be' : 'it has several roles')
}

const problemOf = async (
  certificate: Certificate,
  own: Msp,
  revocations: readonly RevocationList[]
): Promise<string | undefined> => {
  const root = await verifyChain([certificate, ...own.intermediates], own.roots)()
  if (E.isLeft(root)) return root.left.what
  const authorities = [...own.roots, ...own.intermediates]
  if (isRevoked(certificate, authorities, own.revocations)) return 'its organisation has revoked it'
  return isRevoked(certificate, authorities, revocations) ? 'a list that was given revokes it' : undefined
}

/**
 * Identifies a serialized identity: its certificate leads to a root of the organisation that it names, is not revoked,
 * and has one role where the organisation uses roles. Expiry is not looked at, as when Fabric validates a block.
 */
export const identify = async (
  serialized: Buffer,
  msps: ReadonlyMap<string, Msp>,
  revocations: readonly RevocationList[]
): Promise<E.Either<string, Member>> => {
  const identity = parseIdentity(serialized)
  if (identity === undefined) return E.left('the identity cannot be read')
  const { certificate, mspId } = identity
  const own = msps.get(mspId)
  if (own === undefined) return E.left(`the organisation ${mspId} is not on the channel`)
  const problem = await problemOf(certificate, own, revocations)
  if (problem !== undefined) return E.left(`${certificate.subject}: ${problem}`)
  const units = unitsOf(certificate)
  const role = roleIn(own.units, units)
  if (E.isLeft(role)) return E.left(`${certificate.subject}: ${role.left}`)
  return E.right({
    mspId,
    subject: certificate.subject,
    serialized,
    role: role.right,
    units,
    namedAdmin: own.admins.some(admin => same(admin, certificate))
  })
}
