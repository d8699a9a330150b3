import { bimsChaincode } from './bims-chaincode.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newError } from '@bims/core'
import { isChaincodeCollections, type ChaincodeCollections } from '../collections/collections-file.ts'
import { writeWholeFile } from '../files/whole-file.ts'
import type { ChaincodePlace, ChaincodeRequest } from './chaincode-start.ts'
import { corrupt } from './corrupt.ts'

/** What a folder's ledger is started with again where nothing else is said. */
export interface NetworkSettings {
  readonly chaincodes?: readonly ChaincodeRequest[]
  readonly ports?: Readonly<Record<string, number>>
  readonly concurrency?: number
  /** Explicit private collections of chaincodes. */
  readonly collections?: ChaincodeCollections
  /** Who must endorse the transactions of single chaincodes, by their names. */
  readonly policies?: Readonly<Record<string, string>>
  /** The endorsement rule that the ledger was begun with; it is not asked for again. */
  readonly endorsement?: string
}

/** What may be asked for at a start, over what was asked for before. */
export interface SettingsRequest extends Omit<NetworkSettings, 'endorsement'> {
  /** Chaincodes beside those that the folder has already; one of the same name is replaced. */
  readonly moreChaincodes?: readonly ChaincodeRequest[]
}

const file = 'network.json'
const chaincodeName = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/
const maxPort = 65_535

const isPort = (u: unknown): u is number => typeof u === 'number' && Number.isInteger(u) && u >= 0 && u <= maxPort

const isTextOrNone = (u: unknown): u is string | undefined => u === undefined || typeof u === 'string'

const texts = ['name', 'version', 'module', 'address'] as const

const isPlaced = (u: unknown): boolean => {
  if (typeof u !== 'object' || u === null) return false
  const members = new Map<string, unknown>(Object.entries(u))
  const listen = members.get('listen')
  return texts.every(name => isTextOrNone(members.get(name))) && (listen === undefined || isPort(listen))
}

const isChaincode = (u: unknown): u is ChaincodeRequest => {
  if (typeof u !== 'object' || u === null || !isPlaced(u)) return false
  const members = new Map<string, unknown>(Object.entries(u))
  const own = members.get('organizations') ?? {}
  return members.has('name') && typeof own === 'object' && Object.values(own).every(isPlaced)
}

const isPorts = (u: unknown): u is Readonly<Record<string, number>> =>
  typeof u === 'object' && u !== null && Object.values(u).every(isPort)

const isTexts = (u: unknown): boolean =>
  typeof u === 'object' && u !== null && Object.values(u).every(text => typeof text === 'string')

const isList = (u: unknown): boolean => Array.isArray(u) && u.every(isChaincode)

const isLimit = (u: unknown): boolean => typeof u === 'number' && u >= 0

const kinds: Readonly<Record<keyof NetworkSettings, (u: unknown) => boolean>> = {
  chaincodes: isList,
  ports: isPorts,
  concurrency: isLimit,
  collections: isChaincodeCollections,
  policies: isTexts,
  endorsement: isTextOrNone
}

const isSettings = (u: unknown): u is NetworkSettings => {
  if (typeof u !== 'object' || u === null) return false
  const members = new Map<string, unknown>(Object.entries(u))
  return Object.entries(kinds).every(([name, holds]) => !members.has(name) || holds(members.get(name)))
}

/**
 * Reads what a folder's ledger was started with last.
 * @throws `network-corrupt` where the file cannot be understood.
 */
export const readSettings = async (dir: string): Promise<NetworkSettings> => {
  const text = await readFile(join(dir, file), 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isSettings(value)) return value
  } catch {
    // Falls through to the error below.
  }
  throw corrupt(
    `The file ${join(dir, file)} cannot be understood; it may be deleted, its chaincodes are then forgotten.`
  )
}

/** Keeps what a ledger was started with. */
export const writeSettings = (dir: string, settings: NetworkSettings): Promise<void> =>
  writeWholeFile(join(dir, file), `${JSON.stringify(settings, null, 2)}\n`)

const checkAddress = (name: string, address: string): void => {
  const port = /^[^\s:]+:([0-9]{1,5})$|^\[[0-9a-fA-F:]+\]:([0-9]{1,5})$/.exec(address)?.slice(1).find(Boolean)
  if (port === undefined || Number(port) > maxPort)
    throw newError('usage', `The chaincode ${name} has no address: "${address}".`, 'Give it as host:port.')
}

const checkPlace = (name: string, { address, listen, module }: ChaincodePlace & { readonly module?: string }): void => {
  if ([address, listen, module].filter(place => place !== undefined).length > 1)
    throw newError('usage', `The chaincode ${name} is in two places.`, 'Give one of module, address and listen.')
  if (address !== undefined) checkAddress(name, address)
  if (listen !== undefined && !isPort(listen))
    throw newError('usage', `${String(listen)} is no port to await the chaincode ${name} at.`, 'Give 1 to 65535.')
}

/** Refuses a chaincode that no ledger could have. */
const checkChaincode = (request: ChaincodeRequest): void => {
  const { name, organizations = {} } = request
  if (!chaincodeName.test(name))
    throw newError(
      'usage',
      `"${name}" is no name for a chaincode.`,
      'Use letters, digits and single - or _ between them.'
    )
  checkPlace(name, request)
  for (const [organization, place] of Object.entries(organizations)) {
    checkPlace(name, place)
    if (place.address === undefined && place.listen === undefined)
      throw newError('usage', `The chaincode ${name} of ${organization} is nowhere.`, 'Give address or listen.')
  }
  // By its name alone a program that connects is told from others.
  const ports = [request, ...Object.values(organizations)].flatMap(({ listen }) => listen ?? [])
  if (new Set(ports).size < ports.length)
    throw newError('usage', `The chaincode ${name} is awaited twice at one port.`, 'Give each process its own port.')
}

const chaincodesOf = (asked: SettingsRequest, kept: NetworkSettings): readonly ChaincodeRequest[] => {
  const listed = [...(asked.chaincodes ?? kept.chaincodes ?? [bimsChaincode]), ...(asked.moreChaincodes ?? [])]
  // The last of a name counts, at the place of the first.
  return [...new Map(listed.map(request => [request.name, request])).values()]
}

/** What is asked for single chaincodes must be asked for those that there are. */
const refuseStrangers = (what: string, asked: object, chaincodes: readonly ChaincodeRequest[]): void => {
  const stranger = Object.keys(asked).find(name => !chaincodes.some(chaincode => chaincode.name === name))
  if (stranger !== undefined)
    throw newError(
      'usage',
      `${what} asked for ${stranger}, which is no chaincode of this ledger.`,
      `Its chaincodes are ${chaincodes.map(({ name }) => name).join(', ')}.`
    )
}

const collectionsOf = (
  asked: ChaincodeCollections = {},
  kept: ChaincodeCollections = {},
  chaincodes: readonly ChaincodeRequest[]
): ChaincodeCollections => {
  refuseStrangers('Collections are', asked, chaincodes)
  for (const [chaincode, list] of Object.entries(asked)) {
    // As on a channel: what stands in blocks must always be told whose it is.
    const missing = kept[chaincode]?.find(({ name }) => !list.some(one => one.name === name))
    if (missing !== undefined)
      throw newError(
        'usage',
        `The collection ${missing.name} of ${chaincode} is missing in the new configuration.`,
        'Collections may be changed and added, not taken away.'
      )
  }
  return { ...kept, ...asked }
}

const policiesOf = (
  asked: Readonly<Record<string, string>> = {},
  kept: Readonly<Record<string, string>> = {},
  chaincodes: readonly ChaincodeRequest[]
): Readonly<Record<string, string>> => {
  refuseStrangers('A policy is', asked, chaincodes)
  return { ...kept, ...asked }
}

/**
 * What a ledger is to be started with: what is asked for now, over what it was started with before.
 * @throws `usage` where that cannot be.
 */
export const mergeSettings = (
  asked: SettingsRequest,
  kept: NetworkSettings
): NetworkSettings & { readonly chaincodes: readonly ChaincodeRequest[] } => {
  const chaincodes = chaincodesOf(asked, kept)
  chaincodes.forEach(checkChaincode)
  const ports = { ...kept.ports, ...asked.ports }
  const concurrency = asked.concurrency ?? kept.concurrency
  const collections = collectionsOf(asked.collections, kept.collections, chaincodes)
  const policies = policiesOf(asked.policies, kept.policies, chaincodes)
  return {
    chaincodes,
    ...(Object.keys(policies).length === 0 ? {} : { policies }),
    ...(Object.keys(ports).length === 0 ? {} : { ports }),
    ...(Object.keys(collections).length === 0 ? {} : { collections }),
    ...(concurrency === undefined ? {} : { concurrency })
  }
}
