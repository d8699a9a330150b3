/**
 * Entry of the thread in which a chaincode runs. Its module graph must stay apart from that of the gateway: fabric-shim
 * brings its own generation of the protobuf classes, and two of them break each other in one global space.
 */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread is told to run. */
interface WorkerRequest {
  /** URL or name of the module that exports `contracts`. */
  readonly module: string
  readonly ccid: string
  readonly name: string
  readonly version: string
}

type ContractClass = new () => object
interface ShimServer {
  readonly start: () => Promise<void>
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null
const isContract = (u: unknown): u is ContractClass => typeof u === 'function'

const readRequest = (data: unknown): WorkerRequest => {
  const text = (name: string): string => {
    const value = isObject(data) ? data[name] : undefined
    if (typeof value !== 'string') throw new Error(`the worker was started without ${name}`)
    return value
  }
  return { module: text('module'), ccid: text('ccid'), name: text('name'), version: text('version') }
}

const contractsOf = (loaded: unknown): ContractClass[] => {
  const found = isObject(loaded)
    ? (loaded.contracts ?? (isObject(loaded.default) ? loaded.default.contracts : undefined))
    : undefined
  if (!Array.isArray(found) || found.length === 0 || !found.every(isContract))
    throw new Error('the chaincode module does not export contracts, an array of contract classes')
  return [...found]
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

// fabric-shim 2.5.8 calls what its gRPC library has deprecated; the user of the ledger can do nothing about it.
process.noDeprecation = true

const require = createRequire(import.meta.url)
const isClass = (u: unknown): u is new (...parts: readonly unknown[]) => object => typeof u === 'function'
const isServer = (u: unknown): u is ShimServer => isObject(u) && typeof u.start === 'function'

const newChaincode = (contracts: readonly ContractClass[], request: WorkerRequest): object => {
  const api: unknown = require('fabric-contract-api')
  const ChaincodeFromContract: unknown = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js')
  if (!isObject(api) || !isClass(ChaincodeFromContract)) throw new Error('fabric-shim is not of the version expected')
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: api.JSONSerializer } }
  return new ChaincodeFromContract(contracts, serializers, {}, request.name, request.version)
}

const newServer = (chaincode: object, options: object): ShimServer => {
  const ChaincodeServer: unknown = require('fabric-shim/lib/server.js')
  const server = isClass(ChaincodeServer) ? new ChaincodeServer(chaincode, options) : undefined
  if (!isServer(server)) throw new Error('fabric-shim is not of the version expected')
  return server
}

const unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

const listen = async (chaincode: object, ccid: string, attempts: number): Promise<number> => {
  const port = await freePort()
  try {
    await newServer(chaincode, { ccid, address: `127.0.0.1:${port}`, ...unlimited }).start()
    return port
  } catch (error) {
    // Another program may have taken the port in between.
    if (attempts <= 1) throw error
    return listen(chaincode, ccid, attempts - 1)
  }
}

const run = async (): Promise<void> => {
  const request = readRequest(workerData)
  const contracts = contractsOf(await import(request.module))
  const chaincode = newChaincode(contracts, request)
  parentPort?.postMessage({ port: await listen(chaincode, request.ccid, 5) })
}

run().catch((error: unknown) => {
  parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
})
