import { msp } from '@hyperledger/fabric-protos'
import type { Member } from '../membership/msp.ts'
import { decoded } from '../wire/exact.ts'

const { MSPPrincipal, MSPRole } = msp
const { Classification } = MSPPrincipal
const { MSPRoleType } = MSPRole

const hasRole = (member: Member, bytes: Uint8Array): boolean => {
  const role = decoded(MSPRole, bytes)
  if (role?.getMspIdentifier() !== member.mspId) return false
  switch (role.getRole()) {
    case MSPRoleType.MEMBER:
      return true
    case MSPRoleType.ADMIN:
      return member.namedAdmin || member.role === 'admin'
    case MSPRoleType.CLIENT:
      return member.role === 'client'
    case MSPRoleType.PEER:
      return member.role === 'peer'
    case MSPRoleType.ORDERER:
      return member.role === 'orderer'
    default:
      return false
  }
}

const hasUnit = (member: Member, bytes: Uint8Array): boolean => {
  const unit = decoded(msp.OrganizationUnit, bytes)
  return unit?.getMspIdentifier() === member.mspId && member.units.includes(unit.getOrganizationalUnitIdentifier())
}

const deepest = 8

/** Whether a member is who a policy asks for: a role in an organisation, a unit of it, or one identity. */
export const satisfies = (member: Member, principal: msp.MSPPrincipal, depth = 0): boolean => {
  const bytes = principal.getPrincipal_asU8()
  switch (principal.getPrincipalClassification()) {
    case Classification.ROLE:
      return hasRole(member, bytes)
    case Classification.ORGANIZATION_UNIT:
      return hasUnit(member, bytes)
    case Classification.IDENTITY:
      return member.serialized.equals(Buffer.from(bytes))
    case Classification.COMBINED: {
      const parts = decoded(msp.CombinedPrincipal, bytes)?.getPrincipalsList() ?? []
      return depth < deepest && parts.length > 0 && parts.every(part => satisfies(member, part, depth + 1))
    }
    default:
      return false
  }
}
