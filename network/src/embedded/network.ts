import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { common } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { collectionsConfig, newError } from '@bims/core'
import { parseProfile, profileSchema, profileText } from '@bims/ledger'
import type { Profile, ProfileOrganization } from '@bims/ledger'
import { removeUnfinished, writeWholeFile } from '../files/whole-file.ts'
import type { ChaincodeCollections } from '../collections/collections-file.ts'
import { commitDefinitions } from './chaincode-definition.ts'
import { newChaincodePolicies, refuseUnreadable } from '../policies/chaincode-policies.ts'
import { newChaincodeStarter } from './chaincode-start.ts'
import type { ChaincodeRequest, ChaincodeState } from './chaincode-start.ts'
import { controlFile } from './control-file.ts'
import { openChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { corrupt } from './corrupt.ts'
import { deliverHandlers } from './deliver-service.ts'
import { checkFixed, policyFor } from './channel-request.ts'
import type { EndorsementPolicy, EndorsementRule } from '../policies/endorsement-policy.ts'
import type { ChaincodeEntry } from './endorser.ts'
import { gatewayHandlers } from './gateway-service.ts'
import { newGenesisBlock, readGenesisBlock } from './genesis.ts'
import type { ChannelDefinition } from './genesis.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import { lockFolder } from './lock.ts'
import { makeMaterial, readMaterial } from './material.ts'
import type { OrganizationMaterial } from './material.ts'
import { newMspRegistry } from './msp.ts'
import { makeMspFolders } from './msp-folders.ts'
import { bimsChaincode } from './bims-chaincode.ts'
import { mergeSettings, readSettings, writeSettings } from './network-settings.ts'
import type { NetworkSettings } from './network-settings.ts'
import { defaultBatchLimits, newOrderer } from './orderer.ts'
import type { BatchLimits } from './orderer.ts'
import { defaultIdentity, defaultOrganizations } from '../organizations/default-organizations.ts'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'
import { newOwnEndorsements } from './own-endorsements.ts'
import { guardProtobuf } from './protobuf-guard.ts'
import { startPeerServer } from './peer-server.ts'
import type { PeerServer, WantedPort } from './peer-server.ts'
import { followRevocations } from './revocations.ts'
import { newCollectionRules } from './private-data/collection-rules.ts'
import { newSigner } from './signer.ts'
import { checkTransaction } from './validate.ts'

/** How an embedded ledger is started. All but the folder has a default. */
export interface EmbeddedOptions {
  /** Folder of the network; made where it does not exist. */
  readonly dir: string
  /** Organisations, when the folder is new. Default: `org1` and `org2` with four users each. */
  readonly organizations?: readonly OrganizationRequest[]
  /**
   * Chaincodes; the first one is that of the profile. Default: those that the folder was started with last, at first
   * `bims` from `@bims/chaincode`.
   */
  readonly chaincodes?: readonly ChaincodeRequest[]
  /** Chaincodes beside those; one of the same name is replaced. */
  readonly moreChaincodes?: readonly ChaincodeRequest[]
  /** Name of the channel, when the folder is new. Default `bims`. */
  readonly channel?: string
  /**
   * Who must endorse, when the folder is new: `any`, `majority`, `all`, or a policy in Fabric's language. Default
   * `majority`: of two organisations both.
   */
  readonly endorsement?: EndorsementRule
  /**
   * Ports at which the peers of organisations listen, by the names of these. What was asked for once is kept. Default:
   * the last ones, where they are free, else any.
   */
  readonly ports?: Readonly<Record<string, number>>
  /**
   * Explicit private collections of chaincodes, as in Fabric's collections_config.json. What was asked for once is kept. The
   * chaincode of BIMS has its own by itself.
   */
  readonly collections?: ChaincodeCollections
  /**
   * Who must endorse the transactions of single chaincodes, by their names, in place of the channel's `endorsement`. What was
   * asked for once is kept, and may be changed.
   */
  readonly policies?: Readonly<Record<string, EndorsementRule>>
  /** Limits of a block. */
  readonly batch?: Partial<BatchLimits>
  /**
   * Calls served side by side by each peer; 0 for no limit. Default: as at the last start, at first
   * 500 as Fabric's.
   */
  readonly concurrency?: number
  /** Milliseconds an execution of a chaincode may take. Default 30,000. */
  readonly executeTimeoutMs?: number
  /** Size of a block file in bytes. Default 32 MiB. */
  readonly blockFileBytes?: number
  /** Called whenever a chaincode has connected or is gone. */
  readonly onChaincodes?: (states: readonly ChaincodeState[]) => void
}

/** A running embedded ledger. */
export interface EmbeddedNetwork {
  readonly profile: Profile
  /** Absolute path of `profile.json`. */
  readonly profileFile: string
  /** Its chaincodes, and whether they are connected now. */
  readonly chaincodes: () => readonly ChaincodeState[]
  /** Number of blocks. */
  readonly height: () => number
  /** Ends all calls and closes the files. */
  readonly close: () => Promise<void>
}

type Closer = () => Promise<void> | void

const readOldPorts = async (file: string): Promise<ReadonlyMap<string, number>> => {
  const bytes = await readFile(file).catch(() => undefined)
  const profile = bytes === undefined ? undefined : parseProfile(bytes)
  if (profile === undefined || E.isLeft(profile)) return new Map()
  return new Map(
    profile.right.organizations.map(o => [o.name, Number(o.peers[0]?.endpoint.split(':').at(-1) ?? 0)] as const)
  )
}

const refuseStrangers = (what: string, asked: object, material: readonly OrganizationMaterial[]): void => {
  const stranger = Object.keys(asked).find(name => !material.some(o => o.name === name))
  if (stranger !== undefined)
    throw newError(
      'usage',
      `${what} is asked for ${stranger}, which is no organisation of this ledger.`,
      `Its organisations are ${material.map(o => o.name).join(', ')}.`
    )
}

const checkOrganizations = (settings: NetworkSettings, material: readonly OrganizationMaterial[]): void => {
  refuseStrangers('A port', settings.ports ?? {}, material)
  for (const { name, organizations = {} } of settings.chaincodes ?? [])
    refuseStrangers(`A process of the chaincode ${name}`, organizations, material)
}

const wantedPort = (options: NetworkSettings, old: ReadonlyMap<string, number>, organization: string): WantedPort => {
  const asked = options.ports?.[organization]
  return asked === undefined ? { port: old.get(organization) ?? 0, must: false } : { port: asked, must: true }
}

const definitionOf = (options: EmbeddedOptions, material: readonly OrganizationMaterial[]): ChannelDefinition => ({
  channel: options.channel ?? 'bims',
  endorsement: policyFor(
    options.endorsement ?? 'majority',
    material.map(({ mspId }) => mspId)
  ),
  organizations: material.map(({ name, mspId, root, tlsRoot }) => ({ name, mspId, roots: [root], tlsRoots: [tlsRoot] }))
})

// The keys in the folder must be those of the organisations that the chain was begun with.
const checkMaterial = (definition: ChannelDefinition, material: readonly OrganizationMaterial[]): void => {
  const wanted = new Map(definition.organizations.map(o => [o.mspId, o.roots.map(root => root.trim())] as const))
  const agrees = material.every(({ mspId, root }) => wanted.get(mspId)?.includes(root.trim()) ?? false)
  if (!agrees || wanted.size !== material.length)
    throw corrupt('The keys in the folder are not those of the organisations that the first block names.')
}

const openLedger = async (options: EmbeddedOptions, material: readonly OrganizationMaterial[]): Promise<Chain> =>
  openChain({
    dir: join(options.dir, 'ledger'),
    signers: material.map(o => newSigner(o.mspId, o.orderer)),
    genesis: () => newGenesisBlock(definitionOf(options, material), new Date()),
    ...(options.blockFileBytes === undefined ? {} : { fileBytes: options.blockFileBytes })
  })

const profileOf = (
  definition: ChannelDefinition,
  chaincode: string,
  material: readonly OrganizationMaterial[],
  endpoints: ReadonlyMap<string, string>
): Profile => {
  const organizations: readonly ProfileOrganization[] = material.map(o => ({
    name: o.name,
    mspId: o.mspId,
    peers: [{ endpoint: endpoints.get(o.mspId) ?? '' }],
    tlsRoot: o.tlsRoot,
    mspRoots: [o.root],
    identities: o.identities
  }))
  const [org, user] = defaultIdentity.split('/')
  const known = organizations.some(o => o.name === org && user !== undefined && Object.hasOwn(o.identities, user))
  const { channel } = definition
  return {
    schema: profileSchema,
    channel,
    chaincode,
    kind: 'embedded',
    organizations,
    ...(known ? { defaultIdentity } : {})
  }
}

/** The collections for restricted records, of the chaincode of BIMS wherever it runs. */
const ownCollections = (requests: readonly ChaincodeRequest[], mspIds: readonly string[]): ChaincodeCollections => {
  const own = requests.filter(({ module, name }) => module === bimsChaincode.module || name === bimsChaincode.name)
  if (own.length === 0) return {}
  const collections = collectionsConfig(mspIds)
  if (E.isLeft(collections)) throw collections.left
  return Object.fromEntries(own.map(({ name }) => [name, collections.right]))
}

/** Closes last things first; what comes in meanwhile, because it was just being started, is closed too. */
const closeAll = async (closers: Closer[]): Promise<void> => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
}

const start = async (options: EmbeddedOptions, closers: Closer[]): Promise<EmbeddedNetwork> => {
  const { dir } = options
  const kept = await readSettings(dir)
  const settings = mergeSettings(options, kept)
  const requests = settings.chaincodes
  await makeMaterial(dir, options.organizations ?? defaultOrganizations)
  const material = await readMaterial(dir)
  checkOrganizations(settings, material)
  await makeMspFolders(dir, material)
  const begun = new Map<string, ChaincodeEntry>()
  const starter = newChaincodeStarter(closers, {
    executeTimeoutMs: options.executeTimeoutMs,
    mspIdOf: organization => material.find(({ name }) => name === organization)?.mspId ?? '',
    onChange: () => options.onChaincodes?.(starter.states())
  })
  const starting = Promise.all(requests.map(async request => begun.set(request.name, await starter.start(request))))
  // Awaited further below; a failure until then is not one that nobody handles.
  const settled = starting.then(
    () => undefined,
    () => undefined
  )
  closers.push(() => settled)

  const chain = await openLedger(options, material)
  closers.push(() => chain.close())
  const definition = readGenesisBlock(common.Block.deserializeBinary(await chain.read(0)))
  checkMaterial(definition, material)
  const { rule } = definition.endorsement
  checkFixed(options, { channel: definition.channel, rule, mspIds: definition.organizations.map(o => o.mspId) })
  const msp = newMspRegistry(definition.organizations)
  const folders = material.map(({ mspId, name }) => ({ mspId, folder: join(dir, 'organizations', name) }))
  const revocations = await followRevocations(folders, msp.revoke)
  closers.push(revocations.close)
  const stopping = new AbortController()
  const endpoints = new Map<string, string>()
  const peers: readonly OrganizationPeer[] = material.map(o => ({
    mspId: o.mspId,
    signer: newSigner(o.mspId, o.peer),
    endpoint: () => endpoints.get(o.mspId) ?? ''
  }))
  const { channel, endorsement } = definition
  const endorsements = newOwnEndorsements()
  const collections = { ...ownCollections(requests, msp.mspIds), ...settings.collections }
  const collection = newCollectionRules(collections, { mspIds: msp.mspIds, endorsement })
  const policies = newChaincodePolicies(settings.policies ?? {}, msp.mspIds)
  const policy = (chaincode: string): EndorsementPolicy => policies.get(chaincode) ?? endorsement
  const signers = peers.map(({ signer }) => signer)
  await commitDefinitions(
    chain,
    { channel, signers, endorse: endorsements.endorse },
    {
      collections: settings.collections ?? {},
      policies
    }
  )
  const orderer = newOrderer(chain, { ...defaultBatchLimits, ...options.batch })
  closers.push(() => orderer.close())
  const rules = {
    channel,
    collection,
    msp,
    policy,
    endorsedHere: endorsements.made,
    hasChaincode: (name: string): boolean => begun.has(name)
  }
  const context: LedgerContext = {
    channel,
    chain,
    collection,
    msp,
    policy,
    peers,
    orderer,
    endorsements,
    chaincode: name => begun.get(name),
    check: envelope => checkTransaction(rules, envelope),
    stopping: stopping.signal
  }
  await starting

  const profileFile = resolve(dir, 'profile.json')
  const ports = await readOldPorts(profileFile)
  const servers = await Promise.all(
    material.map(async (o, i): Promise<PeerServer> => {
      const own = peers[i]
      if (own === undefined) throw corrupt('An organisation has no peer.')
      const handlers = {
        gateway: gatewayHandlers(context, own, settings.concurrency),
        deliver: deliverHandlers(context, own)
      }
      const server = await startPeerServer(o.tls, wantedPort(settings, ports, o.name), handlers)
      endpoints.set(o.mspId, `localhost:${server.port}`)
      closers.push(() => server.close())
      return server
    })
  )
  closers.push(() => stopping.abort())
  if (servers.length === 0) throw corrupt('The folder names no organisation.')
  const profile = profileOf(definition, requests[0]?.name ?? '', material, endpoints)
  await writeWholeFile(profileFile, profileText(profile))
  const keeping = { ...settings, endorsement: rule }
  if (!isDeepStrictEqual(keeping, kept)) await writeSettings(dir, keeping)
  return {
    profile,
    profileFile,
    chaincodes: starter.states,
    height: () => chain.height(),
    close: once(() => closeAll(closers))
  }
}

const once = (act: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined
  return () => (done ??= act())
}

/**
 * Starts an embedded ledger on a folder and keeps it running until it is closed.
 * @throws `network-locked` where another process runs it, `network-corrupt` where its files are damaged, `usage` where
 * something is asked for that cannot be, `network-port-taken`, `certificate-invalid` for a revocation list that cannot be read, `unexpected` where a chaincode does not start.
 * @example
 * const network = await startEmbedded({ dir: './my-ledger' })
 * console.log(network.profile.organizations[0]?.peers[0]?.endpoint)
 * await network.close()
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedNetwork> => {
  guardProtobuf()
  refuseUnreadable(options.policies ?? {})
  await mkdir(options.dir, { recursive: true })
  const lock = await lockFolder(join(options.dir, 'ledger', 'lock'))
  const closers: Closer[] = [() => lock.release()]
  try {
    // Whatever process wrote it is gone, or the lock would not be free.
    await rm(join(options.dir, controlFile), { force: true })
    await removeUnfinished(options.dir)
    return await start(options, closers)
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}
