import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { newError } from '@bims/core'
import type { Binaries } from './binaries.ts'
import { serviceProgram } from './chaincode-service.ts'
import { interrupted } from './command.ts'
import type { Layout } from './layout.ts'
import { logTail, runningPid } from './node-process.ts'
import type { NodeProgram } from './node-process.ts'
import { bimsChaincode } from './plan.ts'
import type { FabricPlan } from './plan.ts'
import { tuning } from './tuning.ts'

/** What a node is for. */
export type NodeKind = 'orderer' | 'peer' | 'chaincode'

/** A node of the network as a process of this machine. */
export interface Node {
  readonly kind: NodeKind
  readonly name: string
  readonly organization: string
  /** Where it serves. */
  readonly endpoint: string
  readonly program: NodeProgram
  /** Whether it serves now. */
  readonly serves: () => Promise<boolean>
}

const isHealthy = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, path: '/healthz', timeout: 2000 }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2000 })
    const settle = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('timeout', () => settle(false))
    socket.once('error', () => settle(false))
  })

/** Which programs run the nodes; without it they can only be looked at and stopped. */
export interface NodePrograms {
  readonly path: Pick<Binaries['path'], 'peer' | 'orderer'>
  /** Id of the package of the BIMS chaincode by organisation. */
  readonly packageId: (organization: string) => string
}

const unknown: NodePrograms = { path: { peer: '', orderer: '' }, packageId: () => '' }

/** The nodes of a network: orderers, chaincodes, peers. */
export const nodesOf = (plan: FabricPlan, layout: Layout, programs: NodePrograms = unknown): readonly Node[] => {
  const fabricEnvironment = (name: string): Readonly<Record<string, string>> => ({
    FABRIC_CFG_PATH: layout.node(name).settings,
    FABRIC_LOGGING_SPEC: tuning.logging
  })
  const program = (name: string, command: NodeProgram['command']): NodeProgram => ({
    name,
    folder: layout.node(name),
    command,
    environment: fabricEnvironment(name)
  })
  return [
    ...plan.orderers.map(({ name, organization, port, operationsPort }): Node => ({
      kind: 'orderer',
      name,
      organization,
      endpoint: `localhost:${port}`,
      program: program(name, [programs.path.orderer]),
      serves: async () => (await isHealthy(operationsPort)) && (await isOpen(port))
    })),
    ...plan.services.map((service): Node => {
      const { name, organization, port } = service
      return {
        kind: 'chaincode',
        name,
        organization,
        endpoint: `localhost:${port}`,
        program: serviceProgram(plan, layout, service, programs.packageId(organization)),
        serves: () => isOpen(port)
      }
    }),
    ...plan.peers.map(({ name, organization, port, operationsPort }): Node => ({
      kind: 'peer',
      name,
      organization,
      endpoint: `localhost:${port}`,
      program: program(name, [programs.path.peer, 'node', 'start']),
      serves: async () => (await isHealthy(operationsPort)) && (await isOpen(port))
    }))
  ]
}

const patienceMs = 180_000

/**
 * Waits until a node that was started serves.
 * @throws `fabric-failed` where its process ends or it takes too long; `interrupted`.
 */
export const nodeServes = async ({ name, program, serves }: Node, signal?: AbortSignal): Promise<void> => {
  const failed = async (what: string): Promise<never> => {
    const { log } = program.folder
    throw newError('fabric-failed', `${name} ${what}: ${await logTail(program.folder)}`, `See ${log}.`)
  }
  for (const start = Date.now(); Date.now() - start < patienceMs; await delay(50)) {
    if (signal?.aborted === true) throw interrupted()
    if (await serves()) return
    if ((await runningPid(program.folder)) === undefined && Date.now() - start > 2000) await failed('has ended')
  }
  await failed('does not come up')
}

/** Whether a chaincode is the one that the network's own services run. */
export const isOwn = (chaincode: { readonly name: string }): boolean => chaincode.name === bimsChaincode
