import { msp } from '@hyperledger/fabric-protos'
import type { Member } from '../membership/msp.ts'
import { decoded } from '../wire/exact.ts'

const { MSPPrincipal, MSPRole } = msp
const { Classification } = MSPPrincipal
const { MSPRoleType } = MSPRole

/** Whether a member is who a policy asks for. */
export type Principal = (member: Member) => boolean

const nobody: Principal = () => false

const rolePrincipal = (bytes: Uint8Array): Principal => {
  const role = decoded(MSPRole, bytes)
  if (role === undefined) return nobody
  const mspId = role.getMspIdentifier()
  const within =
    (holds: Principal): Principal =>
    member =>
      member.mspId === mspId && holds(member)
  switch (role.getRole()) {
    case MSPRoleType.MEMBER:
      return within(() => true)
    case MSPRoleType.ADMIN:
      return within(member => member.namedAdmin || member.role === 'admin')
    case MSPRoleType.CLIENT:
      return within(member => member.role === 'client')
    case MSPRoleType.PEER:
      return within(member => member.role === 'peer')
    case MSPRoleType.ORDERER:
      return within(member => member.role === 'orderer')
    default:
      return nobody
  }
}

const unitPrincipal = (bytes: Uint8Array): Principal => {
  const unit = decoded(msp.OrganizationUnit, bytes)
  if (unit === undefined) return nobody
  const [mspId, name] = [unit.getMspIdentifier(), unit.getOrganizationalUnitIdentifier()]
  return member => member.mspId === mspId && member.units.includes(name)
}

const deepest = 8

const combined = (bytes: Uint8Array, depth: number): Principal => {
  const parts = decoded(msp.CombinedPrincipal, bytes)?.getPrincipalsList() ?? []
  if (depth >= deepest || parts.length === 0) return nobody
  const principals = parts.map(part => readPrincipal(part, depth + 1))
  return member => principals.every(principal => principal(member))
}

/** Reads a principal: a role in an organisation, a unit of it, one identity, or several of these at once. */
export const readPrincipal = (principal: msp.MSPPrincipal, depth = 0): Principal => {
  const bytes = principal.getPrincipal_asU8()
  switch (principal.getPrincipalClassification()) {
    case Classification.ROLE:
      return rolePrincipal(bytes)
    case Classification.ORGANIZATION_UNIT:
      return unitPrincipal(bytes)
    case Classification.IDENTITY: {
      const identity = Buffer.from(bytes)
      return ({ serialized }) => serialized.equals(identity)
    }
    case Classification.COMBINED:
      return combined(bytes, depth)
    default:
      return nobody
  }
}
