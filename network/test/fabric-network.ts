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
import { fabricDown, fabricUp } from '../src/index.ts'
import type { FabricOptions, FabricStatus } from '../src/index.ts'
import { connectAs } from './client.ts'
import type { NetworkUnderTest } from './conformance/context.ts'
import { probeCollections } from './fixtures/probe.ts'
import { right } from './ledger/open.ts'

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
const answersEverywhere = async (network: {
  readonly profile: Profile
  readonly profileFile: string
}): Promise<void> => {
  for (const organization of network.profile.organizations) {
    const user = Object.keys(organization.identities)[0]!
    for (const at of organization.peers.keys()) {
      const client = connectAs(network, `${organization.name}/${user}`, { peer: at })
      const contract = client.gateway.getNetwork(network.profile.channel).getContract('probe')
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

/** A real network that runs, with the contract of fixtures/ as the chaincode `probe`. */
export interface FabricUnderTest extends NetworkUnderTest {
  readonly dir: string
  readonly status: FabricStatus
}

/**
 * Starts a real Fabric network from the programs in FABRIC_BIN, in a folder of its own unless one is named, and stops it
 * and, where the folder is its own, removes it at the end. By hand: `bims network up --fabric --dir DIR`.
 */
export const startFabric = async (
  options: FabricOptions & { readonly dir?: string; readonly probe?: boolean } = {}
): Promise<FabricUnderTest> => {
  const { dir: named, probe = true, ...rest } = options
  const dir = named ?? (await mkdtemp(join(tmpdir(), 'bims-fabric-')))
  const address = `127.0.0.1:${await freePort()}`
  const given = probe ? { chaincodes: [{ name: 'probe', address }], collections: { probe: probeCollections } } : {}
  const status = await fabricUp(dir, { ...given, ...rest })
  const ccid = status.chaincodes.find(({ name }) => name === 'probe')?.packageIds.org1 ?? ''
  const file = fileURLToPath(new URL('./fixtures/probe-service.cjs', import.meta.url))
  const service = probe ? keepRunning(file, address, ccid) : undefined
  const profile = right(parseProfile(await readFile(status.profile)))
  const network = { profile, profileFile: status.profile }
  if (probe) await answersEverywhere(network)
  return {
    dir,
    status,
    ...network,
    consensus: status.consensus,
    release: status.release,
    close: async () => {
      await fabricDown(dir)
      await service?.close()
      if (named === undefined) await rm(dir, { recursive: true, force: true })
    }
  }
}
