/**
 * Entry of the thread in which a chaincode runs. Its module graph must stay apart from that of the gateway: fabric-shim
 * brings its own generation of the protobuf classes, and two of them break each other in one global space.
 */
import { EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'

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
  readonly connect: (stream: EventEmitter) => void
}
/** A message of the conversation, of the shim's own generation of the protobuf classes. */
interface ShimMessage {
  readonly serializeBinary: () => Uint8Array<ArrayBuffer>
}
interface ShimMessageType {
  readonly deserializeBinary: (bytes: Uint8Array) => ShimMessage
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null
const isContract = (u: unknown): u is ContractClass => typeof u === 'function'

const readRequest = (data: unknown): WorkerRequest => {
  const text = (name: string): string => {
    const value = isObject(data) ? data[name] : undefined
    if (typeof value !== 'string') throw new Error(`the thread was not told its ${name}`)
    return value
  }
  return { module: text('module'), ccid: text('ccid'), name: text('name'), version: text('version') }
}

/** The module that the thread will most likely be told to run. */
const likelyModule = (data: unknown): string | undefined =>
  isObject(data) && typeof data.likely === 'string' ? data.likely : undefined

const contractsOf = (loaded: unknown): ContractClass[] => {
  const found = isObject(loaded)
    ? (loaded.contracts ?? (isObject(loaded.default) ? loaded.default.contracts : undefined))
    : undefined
  if (!Array.isArray(found) || found.length === 0 || !found.every(isContract))
    throw new Error('the chaincode module does not export contracts, an array of contract classes')
  return [...found]
}

// fabric-shim 2.5.8 calls what its gRPC library has deprecated; the user of the ledger can do nothing about it.
process.noDeprecation = true

const require = createRequire(import.meta.url)
const isClass = (u: unknown): u is new (...parts: readonly unknown[]) => object => typeof u === 'function'
const isServer = (u: unknown): u is ShimServer => isObject(u) && typeof u.connect === 'function'
const isMessageType = (u: unknown): u is ShimMessageType => typeof u === 'function' && 'deserializeBinary' in u

const isNot = (): Error => new Error('fabric-shim is not of the version expected')

/** What the thread needs of the shim, whichever chaincode it runs. */
interface Shim {
  readonly newServer: (contracts: readonly ContractClass[], request: WorkerRequest) => ShimServer
  /** The protobuf classes that the shim itself loads. */
  readonly messageType: ShimMessageType
}

const loadShim = (): Shim => {
  const api: unknown = require('fabric-contract-api')
  const ChaincodeFromContract: unknown = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js')
  const ChaincodeServer: unknown = require('fabric-shim/lib/server.js')
  const protos: unknown = createRequire(require.resolve('fabric-shim'))('@hyperledger/fabric-protos')
  const messageType = isObject(protos) && isObject(protos.peer) ? protos.peer.ChaincodeMessage : undefined
  if (!isObject(api) || !isClass(ChaincodeFromContract) || !isClass(ChaincodeServer) || !isMessageType(messageType))
    throw isNot()
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: api.JSONSerializer } }
  return {
    messageType,
    newServer: (contracts, { ccid, name, version }) => {
      const chaincode = new ChaincodeFromContract(contracts, serializers, {}, name, version)
      // It is never started: the address only has to be there.
      const server = new ChaincodeServer(chaincode, { ccid, address: '' })
      if (!isServer(server)) throw isNot()
      return server
    }
  }
}

/** The stream that the shim would have over gRPC, between two threads: a message is one post, its bytes are handed over. */
class PortStream extends EventEmitter {
  readonly #port: MessagePort

  constructor(port: MessagePort, type: ShimMessageType) {
    super()
    this.#port = port
    port.on('message', (bytes: Uint8Array) => this.emit('data', type.deserializeBinary(bytes)))
  }

  write(message: ShimMessage): void {
    const bytes = message.serializeBinary()
    this.#port.postMessage(bytes, [bytes.buffer])
  }

  end(): void {
    this.#port.close()
  }
}

const run = async (port: MessagePort): Promise<void> => {
  const asked: Promise<unknown[]> = once(port, 'message')
  const loading = Promise.resolve().then(loadShim)
  const likely = likelyModule(workerData)
  // What goes wrong is told when somebody listens.
  loading.then(() => (likely === undefined ? undefined : import(likely))).catch(() => undefined)
  const [told] = await asked
  const request = readRequest(told)
  const shim = await loading
  const contracts = contractsOf(await import(request.module))
  const server = shim.newServer(contracts, request)
  const stream = new PortStream(port, shim.messageType)
  port.postMessage({ loaded: true })
  server.connect(stream)
}

if (parentPort === null) throw new Error('the chaincode is not started in a thread')
const port = parentPort
run(port).catch((error: unknown) => {
  port.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
})
