import { common, msp } from '@hyperledger/fabric-protos'
import { newError, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { decode } from '../protobuf/messages.ts'

const { SignaturePolicy, SignaturePolicyEnvelope } = common
const { MSPPrincipal, MSPRole } = msp
const { MSPRoleType } = MSPRole

/** Roles as the policy language names them. */
const roles = {
  member: MSPRoleType.MEMBER,
  admin: MSPRoleType.ADMIN,
  client: MSPRoleType.CLIENT,
  peer: MSPRoleType.PEER,
  orderer: MSPRoleType.ORDERER
} as const

type RoleName = keyof typeof roles

const isRoleName = (text: string): text is RoleName => Object.hasOwn(roles, text)

/** Longest text and deepest nesting of a policy that is read. */
const bounds = { text: 10_000, depth: 16 } as const

type Node =
  | { readonly principal: { readonly mspId: string; readonly role: RoleName } }
  | { readonly needed: number; readonly of: readonly Node[] }

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

// Fabric's own parser takes either kind of quotes.
const tokenPattern = /\s*('[^']*'|"[^"']*"|[A-Za-z]+|\d+|[(),])/y

const tokensOf = (text: string): readonly string[] | undefined => {
  const tokens: string[] = []
  tokenPattern.lastIndex = 0
  const rest = text.trimEnd()
  while (tokenPattern.lastIndex < rest.length) {
    const token = tokenPattern.exec(rest)?.[1]
    if (token === undefined) return undefined
    tokens.push(token.replaceAll('"', "'"))
  }
  return tokens
}

class PolicyProblem extends Error {}

const problem = (what: string): never => {
  throw new PolicyProblem(what)
}

const expect = (reader: Reader, token: string): void => {
  const found = reader.tokens[reader.at++]
  if (found !== token) problem(`"${token}" is expected where "${found ?? 'the end'}" stands`)
}

const principalOf = (token: string): Node => {
  const [, mspId = '', role = ''] = /^'([A-Za-z0-9.-]+)\.([a-z]+)'$/.exec(token) ?? []
  return isRoleName(role)
    ? { principal: { mspId, role } }
    : problem(`${token} is no principal such as 'Org1MSP.peer' (member, admin, client, peer, orderer)`)
}

const gateNames: Readonly<Record<string, 'and' | 'or' | 'outof'>> = {
  AND: 'and',
  And: 'and',
  and: 'and',
  OR: 'or',
  Or: 'or',
  or: 'or',
  OutOf: 'outof',
  OUTOF: 'outof',
  outof: 'outof'
}

const list = (reader: Reader, depth: number): readonly Node[] => {
  const found = [nodeAt(reader, depth)]
  while (reader.tokens[reader.at] === ',') {
    reader.at += 1
    found.push(nodeAt(reader, depth))
  }
  return found
}

const threshold = (reader: Reader): number => {
  const text = reader.tokens[reader.at++]?.replaceAll("'", '') ?? ''
  if (!/^\d{1,4}$/.test(text)) problem('OutOf begins with how many are needed')
  expect(reader, ',')
  return Number(text)
}

const nodeAt = (reader: Reader, depth: number): Node => {
  const token = reader.tokens[reader.at++] ?? ''
  if (token.startsWith("'")) return principalOf(token)
  const gate = Object.hasOwn(gateNames, token) ? gateNames[token] : undefined
  if (gate === undefined || depth > bounds.depth) return problem(`"${token}" is neither AND, OR nor OutOf`)
  expect(reader, '(')
  const count = gate === 'outof' ? threshold(reader) : undefined
  const of = list(reader, depth + 1)
  expect(reader, ')')
  const needed = count ?? (gate === 'and' ? of.length : 1)
  // As Fabric's own parser: one more than there are is taken, and nobody satisfies it.
  return needed > of.length + 1 ? problem(`${needed} of ${of.length} can never be had`) : { needed, of }
}

const messageOf = (node: Node, identities: msp.MSPPrincipal[]): common.SignaturePolicy => {
  const rule = new SignaturePolicy()
  if ('principal' in node) {
    const role = new MSPRole()
    role.setMspIdentifier(node.principal.mspId)
    role.setRole(roles[node.principal.role])
    const principal = new MSPPrincipal()
    principal.setPrincipalClassification(MSPPrincipal.Classification.ROLE)
    principal.setPrincipal(role.serializeBinary())
    rule.setSignedBy(identities.push(principal) - 1)
    return rule
  }
  const group = new SignaturePolicy.NOutOf()
  group.setN(node.needed)
  group.setRulesList(node.of.map(inner => messageOf(inner, identities)))
  rule.setNOutOf(group)
  return rule
}

/**
 * Reads a policy in the language of Fabric's command line (`--signature-policy`): `AND`, `OR` and `OutOf` over
 * principals such as `'Org1MSP.peer'`. Fails with `usage`.
 */
export const parsePolicy = (text: string): E.Either<BimsError, common.SignaturePolicyEnvelope> => {
  const refuse = (what: string): E.Either<BimsError, never> =>
    E.left(
      newError(
        'usage',
        `The endorsement policy cannot be read: ${what}.`,
        "Write it as AND('Org1MSP.peer', 'Org2MSP.peer')."
      )
    )
  const tokens = text.length > bounds.text ? undefined : tokensOf(text)
  if (tokens === undefined) return refuse('it has characters that do not belong there')
  const reader: Reader = { tokens, at: 0 }
  try {
    const node = nodeAt(reader, 0)
    if (reader.at < tokens.length) return refuse(`"${tokens[reader.at] ?? ''}" stands behind its end`)
    const identities: msp.MSPPrincipal[] = []
    const envelope = new SignaturePolicyEnvelope()
    envelope.setRule(messageOf('principal' in node ? { needed: 1, of: [node] } : node, identities))
    envelope.setIdentitiesList(identities)
    return E.right(envelope)
  } catch (cause) {
    if (cause instanceof PolicyProblem) return refuse(cause.message)
    throw cause
  }
}

const principalText = (principal: msp.MSPPrincipal | undefined): string => {
  const role = principal === undefined ? undefined : decode(MSPRole, principal.getPrincipal_asU8())
  const [name] = Object.entries(roles).find(([, value]) => value === role?.getRole()) ?? ['member']
  return `'${role?.getMspIdentifier() ?? ''}.${name}'`
}

const ruleText = (rule: common.SignaturePolicy | undefined, identities: readonly msp.MSPPrincipal[]): string => {
  const group = rule?.getNOutOf()
  if (group === undefined) return principalText(identities[rule?.getSignedBy() ?? 0])
  return `OutOf(${[group.getN(), ...group.getRulesList().map(inner => ruleText(inner, identities))].join(', ')})`
}

/** Writes a policy of principals by role in that language, with `OutOf` alone: the same text for the same policy. */
export const policyText = (envelope: common.SignaturePolicyEnvelope): string =>
  ruleText(envelope.getRule(), envelope.getIdentitiesList())
