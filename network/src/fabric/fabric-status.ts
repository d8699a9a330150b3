import type { Layout } from './layout.ts'
import { packageIdOf } from './deployment.ts'
import { runningPid } from './node-process.ts'
import { nodesOf } from './nodes.ts'
import type { NodeKind } from './nodes.ts'
import { peersOf } from './plan.ts'
import type { Consensus, FabricPlan } from './plan.ts'

/** A process of a Fabric network. */
export interface FabricProcess {
  readonly name: string
  readonly kind: NodeKind
  readonly organization: string
  /** `host:port` at which it serves. */
  readonly endpoint: string
  /** Its process, where it runs. */
  readonly pid?: number
  /** Whether it answers now. */
  readonly serves: boolean
  /** File with what it wrote. */
  readonly log: string
}

/** A chaincode of a Fabric network. */
export interface FabricChaincode {
  readonly name: string
  readonly version: string
  readonly sequence: number
  /** Id of its package by organisation; a service must be started with it as CHAINCODE_ID. */
  readonly packageIds: Readonly<Record<string, string>>
  /** File with its private collections, as Fabric's tools take it (`--collections-config`), where it has any. */
  readonly collections?: string
}

/** A Fabric network in a folder, as a status line shows it. */
export interface FabricStatus {
  /** Whether every process of it answers now. */
  readonly running: boolean
  /** Absolute path of `profile.json`. */
  readonly profile: string
  readonly release: string
  readonly consensus: Consensus
  readonly organizations: readonly {
    readonly name: string
    readonly mspId: string
    /** That of its first peer. */
    readonly endpoint: string
    /** Names of its users. */
    readonly identities: readonly string[]
  }[]
  /** `host:port` of the first organisation's first peer. */
  readonly endpoint: string
  readonly processes: readonly FabricProcess[]
  readonly chaincodes: readonly FabricChaincode[]
}

const processesOf = (plan: FabricPlan, layout: Layout): Promise<readonly FabricProcess[]> =>
  Promise.all(
    nodesOf(plan, layout).map(async ({ name, kind, organization, endpoint, program, serves }) => {
      const pid = await runningPid(program.folder)
      return {
        name,
        kind,
        organization,
        endpoint,
        ...(pid === undefined ? {} : { pid }),
        // Something else may answer there while it does not run.
        serves: pid !== undefined && (await serves()),
        log: program.folder.log
      }
    })
  )

const chaincodesOf = (plan: FabricPlan, layout: Layout): Promise<readonly FabricChaincode[]> =>
  Promise.all(
    plan.chaincodes.map(async ({ name, version, sequence, collections }) => ({
      name,
      version,
      sequence,
      ...(collections === undefined ? {} : { collections: layout.collections(name) }),
      packageIds: Object.fromEntries(
        await Promise.all(
          plan.organizations.map(
            async organization =>
              [organization.name, await packageIdOf(layout, { name, version }, organization.name)] as const
          )
        )
      )
    }))
  )

/** The status of a network. */
export const statusOf = async (plan: FabricPlan, layout: Layout): Promise<FabricStatus> => {
  const [processes, chaincodes] = await Promise.all([processesOf(plan, layout), chaincodesOf(plan, layout)])
  const organizations = plan.organizations.map(({ name, mspId, users }) => ({
    name,
    mspId,
    endpoint: `localhost:${peersOf(plan, name)[0]?.port ?? 0}`,
    identities: users.map(user => user.name)
  }))
  return {
    running: processes.every(({ serves }) => serves),
    profile: layout.profile,
    release: plan.release,
    consensus: plan.consensus,
    organizations,
    endpoint: organizations[0]?.endpoint ?? '',
    processes,
    chaincodes
  }
}
