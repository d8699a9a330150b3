import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { parseProfile } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import { fabricDown, fabricRevoke, fabricUp } from '../src/index.ts'
import type { FabricOptions, FabricStatus } from '../src/index.ts'
import { connectAs } from './client.ts'
import type { ConformingNetwork } from './conformance/context.ts'
import { probeCollections, probePolicies } from './fixtures/probe.ts'
import { right } from './ledger/open.ts'
import { addSecondChannel } from './second-channel.ts'

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** A chaincode that runs as a service, and again whenever it ends by itself. */
const keepRunning = (file: string, address: string, ccid: string): { readonly close: () => Promise<void> } => {
  let child: ChildProcess | undefined
  let closed = false
  const start = (): void => {
    child = spawn(process.execPath, ['--no-deprecation', file], {
      stdio: 'ignore',
      env: {
        ...process.env,
        CHAINCODE_SERVER_ADDRESS: address,
        CHAINCODE_ID: ccid,
        CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR',
        CORE_CHAINCODE_LOGGING_SHIM: 'ERROR'
      }
    })
    child.once('exit', () => {
      if (!closed) setTimeout(start, 200)
    })
  }
  start()
  return {
    close: async () => {
      closed = true
      const ended = new Promise(resolve => child?.once('exit', resolve))
      if (child?.kill() === true) await ended
    }
  }
}

// The peers must know of each other that they have the chaincode, and it must have come up.
const answersEverywhere = async (
  network: { readonly profile: Profile; readonly profileFile: string },
  chaincode: string,
  channel = network.profile.channel
): Promise<void> => {
  for (const organization of network.profile.organizations) {
    const user = Object.keys(organization.identities)[0]!
    for (const at of organization.peers.keys()) {
      const client = connectAs(network, `${organization.name}/${user}`, { peer: at })
      const contract = client.gateway.getNetwork(channel).getContract(chaincode)
      for (let why = ''; !why.includes('function that does not exist'); await delay(100))
        why = await contract
          .newProposal('nothing', { endorsingOrganizations: network.profile.organizations.map(o => o.mspId) })
          .endorse()
          .catch((error: unknown) => JSON.stringify(error))
          .then(String)
      client.close()
    }
  }
}

const otherChannel = 'second'

/** A real network that runs, with the contract of fixtures/ as the chaincode `probe`. */
export interface FabricUnderTest extends ConformingNetwork {
  readonly dir: string
  readonly status: FabricStatus
}

/**
 * Starts a real Fabric network from the programs in FABRIC_BIN, in a folder of its own unless one is named, and stops it
 * and, where the folder is its own, removes it at the end; `guarded`: with the chaincodes that have policies of their own, and
 * a second channel. By hand: `bims network up --fabric --dir DIR`.
 */
export const startFabric = async (
  options: FabricOptions & { readonly dir?: string; readonly probe?: boolean; readonly guarded?: boolean } = {}
): Promise<FabricUnderTest> => {
  const { dir: named, probe = true, guarded = false, ...rest } = options
  const dir = named ?? (await mkdtemp(join(tmpdir(), 'bims-fabric-')))
  const names = probe ? ['probe', ...(guarded ? Object.keys(probePolicies) : [])] : []
  const chaincodes = await Promise.all(names.map(async name => ({ name, address: `127.0.0.1:${await freePort()}` })))
  const given = probe ? { chaincodes, collections: { probe: probeCollections } } : {}
  const status = await fabricUp(dir, { ...given, ...(guarded && { policies: probePolicies }), ...rest })
  const file = fileURLToPath(new URL('./fixtures/probe-service.cjs', import.meta.url))
  const services = chaincodes.map(({ name, address }) =>
    keepRunning(file, address, status.chaincodes.find(one => one.name === name)?.packageIds.org1 ?? '')
  )
  const profile = right(parseProfile(await readFile(status.profile)))
  const network = { profile, profileFile: status.profile }
  for (const name of names) await answersEverywhere(network, name)
  if (guarded) {
    await addSecondChannel(dir, otherChannel, 'probe')
    await answersEverywhere(network, 'probe', otherChannel)
  }
  return {
    dir,
    status,
    ...network,
    consensus: status.consensus,
    release: status.release,
    ...(guarded && { otherChannel }),
    restart: async () => {
      const { pid } = status.processes.find(({ name }) => name === 'peer0.org1')!
      process.kill(pid!, 'SIGKILL')
      await fabricUp(dir, {})
      for (const name of names) await answersEverywhere(network, name)
    },
    revoke: identity => fabricRevoke(dir, identity),
    close: async () => {
      await fabricDown(dir)
      await Promise.all(services.map(service => service.close()))
      if (named === undefined) await rm(dir, { recursive: true, force: true })
    }
  }
}
