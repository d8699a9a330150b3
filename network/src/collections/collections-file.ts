import { newError, type BimsError, type CollectionConfig } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** Collections of chaincodes, by the names of these, each as in Fabric's collections_config.json. */
export type ChaincodeCollections = Readonly<Record<string, readonly CollectionConfig[]>>

const isText = (u: unknown): boolean => typeof u === 'string'
const isFlag = (u: unknown): boolean => typeof u === 'boolean'
const isCount = (u: unknown): boolean => typeof u === 'number' && Number.isSafeInteger(u) && u >= 0

const isObject = (u: unknown): u is object => typeof u === 'object' && u !== null && !Array.isArray(u)

/** What is wrong with the members of an object; undefined: nothing. Absent members are not looked at. */
const memberProblem = (u: object, kinds: Readonly<Record<string, (u: unknown) => boolean>>): string | undefined =>
  Object.entries(u).find(([name, value]) => !Object.hasOwn(kinds, name) || kinds[name]?.(value) !== true)?.[0]

const policyKinds = { signaturePolicy: isText, channelConfigPolicy: isText }

const isPolicy = (u: unknown): boolean =>
  isObject(u) && memberProblem(u, policyKinds) === undefined && Object.keys(u).length < 2

const kinds: Readonly<Record<keyof CollectionConfig, (u: unknown) => boolean>> = {
  name: isText,
  policy: isText,
  requiredPeerCount: isCount,
  maxPeerCount: isCount,
  blockToLive: isCount,
  memberOnlyRead: isFlag,
  memberOnlyWrite: isFlag,
  endorsementPolicy: isPolicy
}

const isConfig = (u: unknown): u is CollectionConfig =>
  isObject(u) && 'name' in u && 'policy' in u && memberProblem(u, kinds) === undefined

// As a peer checks it when the definition of a chaincode is approved.
const collectionName = /^[A-Za-z0-9-][A-Za-z0-9_-]*$/

const configProblem = (u: unknown, place: number, names: ReadonlySet<string>): string | undefined => {
  if (!isObject(u)) return `what stands at place ${place} is no collection`
  if (!isConfig(u)) return `the collection at place ${place} is wrong at ${memberProblem(u, kinds) ?? 'name or policy'}`
  const { maxPeerCount = 1, name, requiredPeerCount = 0 } = u
  if (!collectionName.test(name)) return `"${name}" is no name of a collection`
  if (names.has(name)) return `the collection ${name} stands there twice`
  return maxPeerCount < requiredPeerCount ? `of ${name} maxPeerCount is less than requiredPeerCount` : undefined
}

/**
 * Reads what stands in a file collections_config.json, with the checks of a peer that need no channel. Fails with `usage`.
 */
export const readCollections = (u: unknown): E.Either<BimsError, readonly CollectionConfig[]> => {
  const refused = (what: string): E.Either<BimsError, never> =>
    E.left(
      newError(
        'usage',
        `The configuration of collections cannot be read: ${what}.`,
        "Write it as Fabric's collections_config.json, a list of objects with name and policy."
      )
    )
  if (!Array.isArray(u)) return refused('it is no list')
  const names = new Set<string>()
  const found: CollectionConfig[] = []
  for (const [place, one] of u.entries()) {
    const problem = configProblem(one, place, names)
    if (problem !== undefined || !isConfig(one)) return refused(problem ?? 'it is no collection')
    names.add(one.name)
    found.push(one)
  }
  return E.right(found)
}

/** Tells whether something is what {@link readCollections} takes, for each of several chaincodes. */
export const isChaincodeCollections = (u: unknown): u is ChaincodeCollections =>
  isObject(u) && Object.values(u).every(list => E.isRight(readCollections(list)))
