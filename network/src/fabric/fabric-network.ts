import { mkdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { newError } from '@bims/core'
import { nodeFileSystem, systemProcesses, takeLock } from '@bims/ledger'
import { threeOrganizations } from '../organizations/default-organizations.ts'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'
import type { ChaincodeCollections } from '../collections/collections-file.ts'
import { revoke } from '../ca/revoke.ts'
import type { Revoked } from '../ca/revoke.ts'
import { findBinaries } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { interrupted, runCommand } from './command.ts'
import { publishRevocations } from './channel-revocations.ts'
import { deployChaincode, packageIdOf, wantedChaincodes, writePackages } from './deployment.ts'
import type { Run, ServiceChaincode } from './deployment.ts'
import { freePorts } from './free-ports.ts'
import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { joinOrderer, joinPeer, makeGenesisBlock } from './lifecycle.ts'
import { runningPid, startNode, stopNode } from './node-process.ts'
import { nodeServes, nodesOf } from './nodes.ts'
import type { Node } from './nodes.ts'
import { nativePlace } from './place.ts'
import { bimsChaincode, newPlan, portCount } from './plan.ts'
import type { ChaincodePolicy, Consensus, Endorsement, FabricPlan } from './plan.ts'
import { readPlan, writePlan } from './plan-codec.ts'
import { writeProfile } from './profile-file.ts'
import { writeAllSettings } from './settings-files.ts'
import { statusOf } from './fabric-status.ts'
import type { FabricStatus } from './fabric-status.ts'
import { checkPolicies } from '../policies/check-policies.ts'

/** How a real Fabric network is started. All has a default; what a network is made of counts only when its folder is new. */
export interface FabricOptions {
  /** How the orderers agree: three by Raft, or four by BFT (release 3). Default `raft`. */
  readonly consensus?: Consensus
  /** Default: `org1`, `org2` and `org3` with four users each. */
  readonly organizations?: readonly OrganizationRequest[]
  /** Name of the channel. Default `bims`. */
  readonly channel?: string
  /** Further chaincodes; also deployed on a network that exists. */
  readonly chaincodes?: readonly ServiceChaincode[]
  /**
   * Explicit private collections of chaincodes, as in Fabric's collections_config.json. The chaincode of BIMS has its own by
   * itself, one for each organisation.
   */
  readonly collections?: ChaincodeCollections
  /** How many organisations must endorse. Default `majority`: two of three. */
  readonly endorsement?: Endorsement
  /**
   * Who must endorse the transactions of single chaincodes, by their names: `any`, `majority`, `all`, or a policy in Fabric's
   * language such as `AND('Org1MSP.peer', 'Org2MSP.peer')`; also changed on a network that exists.
   */
  readonly policies?: Readonly<Record<string, ChaincodePolicy>>
  /** Where FABRIC_BIN and PATH are looked up. Default: the process's own. */
  readonly environment?: NodeJS.ProcessEnv
  /** Stops the start; what was started is stopped too. */
  readonly signal?: AbortSignal
  /** Told what is being done, and how much of all is done, 0 to 1. */
  readonly progress?: (what: string, fraction: number) => void
}

interface Start {
  readonly options: FabricOptions
  readonly binaries: Binaries
  readonly layout: Layout
  readonly started: Node[]
  readonly run: Run
  readonly progress: (what: string, fraction: number) => void
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false
  )

const stopAll = async (nodes: readonly Node[]): Promise<void> => {
  await Promise.all(nodes.map(({ name, program }) => stopNode(name, program.folder)))
}

/** Takes away all that an unfinished start made. */
const removeUnfinished = async (layout: Layout): Promise<void> => {
  const made = ['nodes', 'packages', 'collections', 'channel', 'builder', 'plan.json'].map(name =>
    join(layout.own, name)
  )
  const keys = ['organizations', 'identities', 'profile.json'].map(name => join(layout.dir, name))
  await Promise.all([...made, ...keys].map(path => rm(path, { recursive: true, force: true })))
}

const planAnew = async ({ options, binaries, layout }: Start): Promise<FabricPlan> => {
  if (await exists(join(layout.dir, 'ledger')))
    throw newError(
      'usage',
      `The folder ${layout.dir} holds an embedded ledger.`,
      'Choose another folder with --dir, or leave --fabric out.'
    )
  const consensus = options.consensus ?? 'raft'
  if (consensus === 'bft' && binaries.release.startsWith('2.'))
    throw newError(
      'fabric-missing',
      `Fabric ${binaries.release} has no BFT orderers.`,
      'Use the programs of release 3, or leave --bft out.'
    )
  const request = {
    consensus,
    release: binaries.release,
    channel: options.channel ?? 'bims',
    organizations: options.organizations ?? threeOrganizations
  }
  const plan = newPlan(request, await freePorts(portCount(request)))
  await writePlan(layout.plan, plan)
  // Loaded only where keys are made.
  const { makeKeyMaterial } = await import('./key-material.ts')
  await makeKeyMaterial(layout.dir, plan)
  await writePackages(plan, nativePlace(layout.dir), layout, { name: bimsChaincode, version: '1.0' })
  return plan
}

const checkKept = (plan: FabricPlan, { options, binaries }: Start): void => {
  if (plan.release.split('.')[0] !== binaries.release.split('.')[0])
    throw newError(
      'fabric-missing',
      `The network was made with Fabric ${plan.release}, the programs found are of ${binaries.release}.`,
      `Set FABRIC_BIN to the programs of ${plan.release}, or choose another folder.`
    )
  if (options.consensus !== undefined && options.consensus !== plan.consensus)
    throw newError(
      'usage',
      `The orderers of this network agree by ${plan.consensus}.`,
      'Choose another folder with --dir for the other kind.'
    )
}

const startNodes = async (plan: FabricPlan, start: Start): Promise<void> => {
  const { binaries, layout, options, progress, started } = start
  const ids = new Map(
    await Promise.all(
      plan.organizations.map(
        async ({ name }) => [name, await packageIdOf(layout, { name: bimsChaincode, version: '1.0' }, name)] as const
      )
    )
  )
  const nodes = nodesOf(plan, layout, { path: binaries.path, packageId: name => ids.get(name) ?? '' })
  progress('Starting orderers, peers and chaincodes', 0.1)
  for (const node of nodes) {
    if (options.signal?.aborted === true) throw interrupted()
    if ((await runningPid(node.program.folder)) !== undefined) continue
    started.push(node)
    await startNode(node.program)
  }
  await Promise.all(nodes.map(node => nodeServes(node, options.signal)))
}

const joinAll = async (plan: FabricPlan, { layout, run, progress }: Start): Promise<void> => {
  const place = nativePlace(layout.dir)
  progress('Joining the channel', 0.3)
  await run(plan.orderers.map(orderer => joinOrderer(plan, place, orderer)))
  await run(plan.peers.map(peer => joinPeer(plan, place, peer)))
}

const deployAll = async (plan: FabricPlan, start: Start): Promise<FabricPlan> => {
  const { layout, options, run, progress } = start
  const place = nativePlace(layout.dir)
  const wanted = wantedChaincodes(plan, {
    services: options.chaincodes ?? [],
    collections: options.collections ?? {},
    policies: options.policies ?? {},
    endorsement: options.endorsement ?? 'majority'
  })
  let current = plan
  for (const [i, chaincode] of wanted.entries()) {
    progress(`Deploying ${chaincode.name}`, 0.4 + (0.4 * i) / wanted.length)
    if (chaincode.address !== undefined || chaincode.sequence > 1) await writePackages(plan, place, layout, chaincode)
    await deployChaincode(plan, place, layout, chaincode, run)
    current = {
      ...current,
      chaincodes: [...current.chaincodes.filter(({ name }) => name !== chaincode.name), chaincode]
    }
    if (plan.made) await writePlan(layout.plan, current)
  }
  return current
}

const begin = async (start: Start, kept: FabricPlan | undefined): Promise<FabricPlan> => {
  const { layout, options, progress, run } = start
  progress(kept === undefined ? 'Making keys' : 'Starting', 0)
  const plan = kept ?? (await planAnew(start))
  checkKept(plan, start)
  await writeAllSettings(plan, nativePlace(layout.dir), layout)
  if (kept === undefined) await run([makeGenesisBlock(plan, nativePlace(layout.dir))])
  await startNodes(plan, start)
  if (kept === undefined) await joinAll(plan, start)
  const deployed = await deployAll(plan, start)
  progress('Waiting until the peers know each other', 0.8)
  // Loaded last: whoever only asks for the embedded ledger does without the client.
  const { peerEndorses } = await import('./readiness.ts')
  await Promise.all(deployed.peers.map(peer => peerEndorses(deployed, layout, peer, options.signal)))
  await writeProfile(deployed, layout)
  const made = { ...deployed, made: true }
  await writePlan(layout.plan, made)
  return made
}

const keptPlan = async (layout: Layout): Promise<FabricPlan | undefined> => {
  const plan = await readPlan(layout.plan)
  if (plan === undefined || plan.made) return plan
  await stopAll(nodesOf(plan, layout))
  await removeUnfinished(layout)
  return undefined
}

const withLock = async <A>(layout: Layout, work: () => Promise<A>): Promise<A> => {
  await mkdir(layout.own, { recursive: true })
  const lock = await takeLock(nodeFileSystem, systemProcesses, layout.lock, 'network-locked')
  if (E.isLeft(lock)) throw lock.left
  try {
    return await work()
  } finally {
    await lock.right.release()
  }
}

/**
 * Starts a real Fabric network of three organisations on this machine, or what of it does not run. It goes on without
 * this process; `fabricDown` stops it and leaves its data.
 * @throws `fabric-missing`, `fabric-failed`, `network-locked` where another process is starting or stopping it,
 * `interrupted`, `usage` where the folder holds another kind of network, or a policy cannot be read.
 */
export const fabricUp = async (folder: string, options: FabricOptions = {}): Promise<FabricStatus> => {
  const layout = layoutOf(resolve(folder))
  // Fabric's own programs would say so only once the network runs.
  await checkPolicies(options.policies)
  const binaries = await findBinaries(options.environment)
  return withLock(layout, async () => {
    const kept = await keptPlan(layout)
    const started: Node[] = []
    const run: Run = commands =>
      Promise.all(commands.map(command => runCommand(binaries.path[command.program], command, options.signal)))
    const progress = options.progress ?? ((): void => undefined)
    try {
      return await statusOf(await begin({ options, binaries, layout, started, run, progress }, kept), layout)
    } catch (error) {
      await stopAll(started)
      if (kept === undefined && options.signal?.aborted === true) await removeUnfinished(layout)
      throw options.signal?.aborted === true ? interrupted() : error
    }
  })
}

const notRunning = (dir: string): never => {
  throw newError('network-not-running', `No network runs in ${dir}.`, 'Start one with `bims network up --fabric`.')
}

/** Tells whether a folder holds a real Fabric network, running or not. */
export const holdsFabric = (folder: string): Promise<boolean> => exists(layoutOf(resolve(folder)).plan)

/**
 * Tells about the Fabric network of a folder and each of its processes.
 * @throws `network-not-running` where the folder has never had one.
 */
export const fabricStatus = async (folder: string): Promise<FabricStatus> => {
  const layout = layoutOf(resolve(folder))
  return statusOf((await readPlan(layout.plan)) ?? notRunning(layout.dir), layout)
}

/**
 * Revokes an identity of an organisation of a running Fabric network: its organisation's revocation list, with it, becomes
 * part of the channel's configuration. Peers and orderers refuse from that block on what it signs.
 * @throws `network-not-running`, `identity-missing` for an identity that the folder does not have, `fabric-missing`,
 * `fabric-failed`, `network-locked`.
 */
export const fabricRevoke = async (
  folder: string,
  identity: string,
  environment?: NodeJS.ProcessEnv
): Promise<Revoked> => {
  const layout = layoutOf(resolve(folder))
  const plan = (await readPlan(layout.plan)) ?? notRunning(layout.dir)
  const binaries = await findBinaries(environment)
  return withLock(layout, async () => {
    const revoked = await revoke(layout.dir, identity)
    await publishRevocations(plan, nativePlace(layout.dir), identity.split('/')[0] ?? '', revoked.list, command =>
      runCommand(binaries.path[command.program], command)
    )
    return revoked
  })
}

/**
 * Stops all processes of the Fabric network of a folder, also those that a killed start left; its data stay.
 * @throws `network-not-running` where none runs; `network-locked` where one does not end.
 */
export const fabricDown = async (folder: string): Promise<FabricStatus> => {
  const layout = layoutOf(resolve(folder))
  const plan = (await readPlan(layout.plan)) ?? notRunning(layout.dir)
  return withLock(layout, async () => {
    const nodes = nodesOf(plan, layout)
    const pids = await Promise.all(nodes.map(({ program }) => runningPid(program.folder)))
    if (pids.every(pid => pid === undefined)) return notRunning(layout.dir)
    // Peers first: they would look for orderers that are gone.
    for (const kind of ['peer', 'chaincode', 'orderer'] as const)
      await stopAll(nodes.filter(node => node.kind === kind))
    return statusOf(plan, layout)
  })
}
