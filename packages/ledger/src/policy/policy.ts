import { common, type msp } from '@hyperledger/fabric-protos'
import type { Member } from '../membership/msp.ts'
import { decoded } from '../wire/exact.ts'
import { readPrincipal, type Principal } from './principal.ts'

/** Whether those who signed are enough. */
export type Policy = (signers: readonly Member[]) => boolean

/** The policy that nobody satisfies: what stands in place of one that is missing or cannot be read. */
export const rejectAll: Policy = () => false

type Gate = (signers: readonly Member[], used: boolean[]) => boolean

const deepest = 32

const signedBy =
  (principal: Principal): Gate =>
  (signers, used) => {
    const at = signers.findIndex((signer, i) => used[i] !== true && principal(signer))
    if (at >= 0) used[at] = true
    return at >= 0
  }

const outOf =
  (needed: number, gates: readonly Gate[]): Gate =>
  (signers, used) => {
    let count = 0
    for (const gate of gates) {
      const trial = [...used]
      if (!gate(signers, trial)) continue
      count += 1
      trial.forEach((value, i) => (used[i] = value))
    }
    return count >= needed
  }

// One signature counts for one principal only, in the order in which the policy names them, as in Fabric.
const gateOf = (
  rule: common.SignaturePolicy | undefined,
  identities: readonly msp.MSPPrincipal[],
  depth: number
): Gate | undefined => {
  if (rule === undefined || depth > deepest) return undefined
  if (rule.getTypeCase() === common.SignaturePolicy.TypeCase.SIGNED_BY) {
    const principal = identities[rule.getSignedBy()]
    return principal === undefined ? undefined : signedBy(readPrincipal(principal))
  }
  const group = rule.getNOutOf()
  const gates = group?.getRulesList().map(inner => gateOf(inner, identities, depth + 1))
  if (group === undefined || gates === undefined) return undefined
  const known = gates.flatMap(gate => (gate === undefined ? [] : [gate]))
  return known.length === gates.length ? outOf(group.getN(), known) : undefined
}

/** The policy of a signature policy envelope. */
export const signaturePolicy = (envelope: common.SignaturePolicyEnvelope | undefined): Policy => {
  const gate = gateOf(envelope?.getRule(), envelope?.getIdentitiesList() ?? [], 0)
  return gate === undefined ? rejectAll : signers => gate(signers, [])
}

const { Rule } = common.ImplicitMetaPolicy

const threshold = (rule: number, groups: number): number => {
  if (groups === 0) return 0
  if (rule === Rule.ANY) return 1
  return rule === Rule.ALL ? groups : Math.floor(groups / 2) + 1
}

const implicitPolicy = (bytes: Uint8Array, group: common.ConfigGroup, depth: number): Policy => {
  const message = decoded(common.ImplicitMetaPolicy, bytes)
  if (message === undefined) return rejectAll
  const parts = [...group.getGroupsMap().entries()].map(([, child]) =>
    groupPolicy(child, message.getSubPolicy(), depth + 1)
  )
  const needed = threshold(message.getRule(), parts.length)
  return signers => parts.filter(part => part(signers)).length >= needed
}

/** The policy of a name in a group of the configuration. */
const groupPolicy = (group: common.ConfigGroup | undefined, name: string, depth = 0): Policy => {
  const policy = group?.getPoliciesMap().get(name)?.getPolicy()
  if (group === undefined || policy === undefined || depth > deepest) return rejectAll
  switch (policy.getType()) {
    case common.Policy.PolicyType.SIGNATURE:
      return signaturePolicy(decoded(common.SignaturePolicyEnvelope, policy.getValue_asU8()))
    case common.Policy.PolicyType.IMPLICIT_META:
      return implicitPolicy(policy.getValue_asU8(), group, depth)
    default:
      return rejectAll
  }
}

/** The group at a path of names below a group; undefined where there is none. */
export const groupAt = (root: common.ConfigGroup, path: readonly string[]): common.ConfigGroup | undefined =>
  path.reduce<common.ConfigGroup | undefined>((group, name) => group?.getGroupsMap().get(name), root)

/** The policy that a path such as `/Channel/Application/Endorsement` leads to. */
export const policyAt = (channel: common.ConfigGroup, path: string): Policy => {
  const names = path.split('/').filter(name => name !== '')
  const below = path.startsWith('/') ? names.slice(1) : names
  if (path.startsWith('/') && names[0] !== 'Channel') return rejectAll
  return groupPolicy(groupAt(channel, below.slice(0, -1)), below.at(-1) ?? '')
}
