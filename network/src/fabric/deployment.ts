import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { collectionsConfig, newError, type CollectionConfig } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { readCollections, type ChaincodeCollections } from '../collections/collections-file.ts'
import { writeWholeFile } from '../files/whole-file.ts'
import { newChaincodePackage } from './chaincode-package.ts'
import type { Command } from './command.ts'
import { approveChaincode, commitChaincode, installChaincode } from './lifecycle.ts'
import type { Layout } from './layout.ts'
import { bimsChaincode, peersOf } from './plan.ts'
import type { ChaincodePolicy, FabricPlan, PlannedChaincode } from './plan.ts'
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

/** Writes the collections of a chaincode as Fabric's tools take them; a consortium's organisations approve the same file. */
export const writeCollections = async (
  layout: Layout,
  { name, collections }: Pick<PlannedChaincode, 'name' | 'collections'>
): Promise<void> => {
  if (collections === undefined) return
  const file = layout.collections(name)
  await mkdir(dirname(file), { recursive: true })
  await writeWholeFile(file, `${JSON.stringify(collections, undefined, 2)}\n`)
}

/**
 * The collections of the BIMS chaincode on a channel.
 * @throws `usage` where an organisation cannot have one.
 */
export const restrictedCollections = (
  organizations: readonly { readonly mspId: string }[]
): readonly CollectionConfig[] => {
  const collections = collectionsConfig(organizations.map(({ mspId }) => mspId))
  if (E.isLeft(collections)) throw collections.left
  return collections.right
}

// The code of one that only gets other collections is installed already, and Fabric refuses the same package twice.
const isInstalled = (plan: FabricPlan, { name, version, address }: PlannedChaincode): boolean =>
  plan.chaincodes.some(present => present.name === name && present.version === version && present.address === address)

/** Installs a chaincode on all peers, approves it for all organisations and commits it. */
export const deployChaincode = async (
  plan: FabricPlan,
  place: Place,
  layout: Layout,
  chaincode: PlannedChaincode,
  run: Run
): Promise<void> => {
  await writeCollections(layout, chaincode)
  if (!isInstalled(plan, chaincode)) await run(plan.peers.map(peer => installChaincode(plan, place, chaincode, peer)))
  const first = plan.organizations.flatMap(({ name }) => peersOf(plan, name).slice(0, 1))
  const approvals = first.map(async peer =>
    approveChaincode(plan, place, chaincode, peer, await packageIdOf(layout, chaincode, peer.organization))
  )
  await run(await Promise.all(approvals))
  await run(first.slice(0, 1).map(peer => commitChaincode(plan, place, chaincode, peer)))
}

/** What is asked for of the chaincodes of a channel. */
export interface WantedChaincodes {
  readonly services: readonly ServiceChaincode[]
  readonly collections: ChaincodeCollections
  /** Who must endorse, by the names of chaincodes. */
  readonly policies: Readonly<Record<string, ChaincodePolicy>>
  /** Who must endorse chaincodes for which nothing else is asked. */
  readonly endorsement: ChaincodePolicy
}

const collectionsOf = (
  plan: FabricPlan,
  { collections }: WantedChaincodes,
  name: string
): readonly CollectionConfig[] | undefined => {
  const asked = Object.hasOwn(collections, name) ? collections[name] : undefined
  if (asked === undefined)
    return name === bimsChaincode
      ? restrictedCollections(plan.organizations)
      : plan.chaincodes.find(present => present.name === name)?.collections
  const read = readCollections(asked)
  if (E.isLeft(read)) throw read.left
  return read.right
}

const policyOf = ({ policies }: WantedChaincodes, name: string): ChaincodePolicy | undefined =>
  Object.hasOwn(policies, name) ? policies[name] : undefined

const refuseStrangers = (
  what: 'Collections are' | 'A policy is',
  names: readonly string[],
  known: readonly { readonly name: string }[]
): void => {
  const stranger = names.find(name => !known.some(one => one.name === name))
  if (stranger !== undefined)
    throw newError(
      'usage',
      `${what} asked for ${stranger}, which is no chaincode of this network.`,
      'Name the chaincode with --chaincode as well.'
    )
}

/**
 * The chaincodes that are wanted but not yet committed as wanted, with the sequence that they will have.
 * @throws `usage` where collections are asked for that cannot be, or these or a policy for a chaincode that is not there.
 */
export const wantedChaincodes = (plan: FabricPlan, asked: WantedChaincodes): readonly PlannedChaincode[] => {
  const known = [{ name: bimsChaincode, version: '1.0', address: undefined }, ...asked.services]
  const others = plan.chaincodes.filter(({ name }) =>
    [asked.collections, asked.policies].some(of => Object.hasOwn(of, name))
  )
  const all = [...known, ...others.filter(({ name }) => !known.some(one => one.name === name))]
  refuseStrangers('Collections are', Object.keys(asked.collections), all)
  refuseStrangers('A policy is', Object.keys(asked.policies), all)
  return all.flatMap(({ name, version = '1.0', address }) => {
    const present = plan.chaincodes.find(chaincode => chaincode.name === name)
    const collections = collectionsOf(plan, asked, name)
    const place = address === undefined ? {} : { address }
    const wanted = { name, version, ...place, ...(collections === undefined ? {} : { collections }) }
    const { sequence = 0, endorsement: before = asked.endorsement, ...same } = present ?? {}
    const endorsement = policyOf(asked, name) ?? before
    return isDeepStrictEqual(wanted, same) && endorsement === before
      ? []
      : { ...wanted, sequence: sequence + 1, endorsement }
  })
}
