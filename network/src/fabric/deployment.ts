import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { newChaincodePackage } from './chaincode-package.ts'
import type { Command } from './command.ts'
import { approveChaincode, commitChaincode, installChaincode } from './lifecycle.ts'
import type { Layout } from './layout.ts'
import { bimsChaincode, peersOf } from './plan.ts'
import type { Endorsement, FabricPlan, PlannedChaincode } from './plan.ts'
import type { Place } from './place.ts'

/** A chaincode that runs elsewhere as a service, in any language. */
export interface ServiceChaincode {
  readonly name: string
  /** Its version, as it stands in endorsements. Default `1.0`. */
  readonly version?: string
  /** `host:port` at which peers reach it. */
  readonly address: string
}

/** Runs commands; those of one list side by side. */
export type Run = (commands: readonly Command[]) => Promise<unknown>

/** Makes the packages of a chaincode, one for each organisation: its own service runs where that organisation's peers are. */
export const writePackages = async (
  plan: FabricPlan,
  place: Place,
  layout: Layout,
  chaincode: Pick<PlannedChaincode, 'name' | 'version' | 'address'>
): Promise<void> => {
  await Promise.all(
    plan.services.map(async service => {
      const address = chaincode.address ?? `${place.host(service.name)}:${service.port}`
      const file = layout.package(chaincode.name, service.organization)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, newChaincodePackage(chaincode.name, chaincode.version, address).bytes)
    })
  )
}

/** The id that peers know an organisation's package by, with which its service must be started. */
export const packageIdOf = async (
  layout: Layout,
  { name, version }: Pick<PlannedChaincode, 'name' | 'version'>,
  organization: string
): Promise<string> => {
  const bytes = await readFile(layout.package(name, organization))
  return `${name}_${version}:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Installs a chaincode on all peers, approves it for all organisations and commits it. */
export const deployChaincode = async (
  plan: FabricPlan,
  place: Place,
  layout: Layout,
  chaincode: PlannedChaincode,
  run: Run
): Promise<void> => {
  await run(plan.peers.map(peer => installChaincode(plan, place, chaincode, peer)))
  const first = plan.organizations.flatMap(({ name }) => peersOf(plan, name).slice(0, 1))
  const approvals = first.map(async peer =>
    approveChaincode(plan, place, chaincode, peer, await packageIdOf(layout, chaincode, peer.organization))
  )
  await run(await Promise.all(approvals))
  await run(first.slice(0, 1).map(peer => commitChaincode(plan, place, chaincode, peer)))
}

/** The chaincodes that are wanted but not yet committed as wanted, with the sequence that they will have. */
export const wantedChaincodes = (
  plan: FabricPlan,
  services: readonly ServiceChaincode[],
  endorsement: Endorsement
): readonly PlannedChaincode[] =>
  [{ name: bimsChaincode, version: '1.0', address: undefined }, ...services].flatMap(({ name, version, address }) => {
    const present = plan.chaincodes.find(chaincode => chaincode.name === name)
    const wanted = version ?? '1.0'
    if (present !== undefined && present.version === wanted && present.address === address) return []
    return {
      name,
      version: wanted,
      sequence: (present?.sequence ?? 0) + 1,
      endorsement: present?.endorsement ?? endorsement,
      ...(address === undefined ? {} : { address })
    }
  })
