import { setTimeout as delay } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import { peer } from '@hyperledger/fabric-protos'
import { errorText } from './error-text.ts'
import { decode } from './messages.ts'
import type { StateRequests } from './chaincode-state.ts'

const Type = peer.ChaincodeMessage.Type

/** What came of an execution in a chaincode. */
export interface Execution {
  readonly response: peer.Response
  readonly event: peer.ChaincodeEvent | undefined
}

/** One transaction to execute. */
export interface ExecutionRequest {
  readonly channelId: string
  readonly txId: string
  readonly proposal: peer.SignedProposal
  readonly input: peer.ChaincodeInput
  readonly state: StateRequests
}

/** The peer's side of a chaincode that runs as a service. */
export interface ChaincodePeer {
  /** Executes a transaction; rejects with an Error of Fabric's wording where the chaincode fails to answer. */
  readonly execute: (request: ExecutionRequest) => Promise<Execution>
  /** Resolves when the chaincode has registered; rejects when it does not within the time. */
  readonly ready: (timeoutMs: number) => Promise<void>
  readonly close: () => void
}

/** Where a chaincode is found and how long it may take. */
export interface ChaincodePeerOptions {
  /** `host:port`; asked again at every connection, so that a chaincode may come back elsewhere. */
  readonly address: () => string
  /** Milliseconds an execution may take. Default 30,000, as in Fabric. */
  readonly executeTimeoutMs?: number
}

type MessageKind = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]
type Stream = ClientDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>

interface Running {
  readonly request: ExecutionRequest
  readonly settle: (outcome: Execution | Error) => void
  busy: boolean
}

const messageOf = (type: MessageKind, channelId: string, txId: string, payload: Uint8Array): peer.ChaincodeMessage => {
  const message = new peer.ChaincodeMessage()
  message.setType(type)
  message.setChannelId(channelId)
  message.setTxid(txId)
  message.setPayload(payload)
  return message
}

const keyOf = (channelId: string, txId: string): string => `${channelId}/${txId}`
const unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }
const maxBackoffMs = 2000

const outcomeOf = (message: peer.ChaincodeMessage): Execution | Error => {
  if (message.getType() === Type.ERROR)
    return new Error(`transaction returned with failure: ${Buffer.from(message.getPayload_asU8()).toString()}`)
  const response = decode(peer.Response, message.getPayload_asU8())
  return response === undefined
    ? new Error(`failed to unmarshal response for transaction ${message.getTxid()}`)
    : { response, event: message.getChaincodeEvent() }
}

/** Connects to a chaincode and keeps connected until closed. */
export const newChaincodePeer = (options: ChaincodePeerOptions): ChaincodePeer => {
  const running = new Map<string, Running>()
  const waiting = new Set<() => void>()
  let stream: Stream | undefined
  let isReady = false
  let closed = false
  let close = (): void => {
    closed = true
  }

  const write = (message: peer.ChaincodeMessage): void => void stream?.write(message)

  const lost = (): void => {
    isReady = false
    for (const [key, entry] of [...running]) {
      running.delete(key)
      entry.settle(new Error('chaincode stream terminated'))
    }
  }

  const register = (message: peer.ChaincodeMessage): void => {
    if (message.getType() !== Type.REGISTER) return
    write(messageOf(Type.REGISTERED, '', '', new Uint8Array()))
    // Nothing is announced that the chaincode could ask for beyond the classic requests.
    write(messageOf(Type.READY, '', '', new peer.ChaincodeAdditionalParams().serializeBinary()))
    isReady = true
    for (const wake of [...waiting]) wake()
  }

  const answer = async (entry: Running, message: peer.ChaincodeMessage): Promise<void> => {
    const { channelId, txId, state } = entry.request
    entry.busy = true
    try {
      write(messageOf(Type.RESPONSE, channelId, txId, await state.answer(message)))
    } catch (error) {
      const name = Object.entries(Type).find(([, type]) => type === message.getType())?.[0] ?? message.getType()
      const text = `${name} failed: transaction ID: ${txId}: ${errorText(error)}`
      write(messageOf(Type.ERROR, channelId, txId, Buffer.from(text)))
    } finally {
      entry.busy = false
    }
  }

  const receive = (message: peer.ChaincodeMessage): void => {
    if (!isReady) return register(message)
    const key = keyOf(message.getChannelId(), message.getTxid())
    const entry = running.get(key)
    if (entry === undefined) return
    if (message.getType() === Type.COMPLETED || message.getType() === Type.ERROR) {
      running.delete(key)
      entry.settle(outcomeOf(message))
      // As on a real peer, a second request before the answer to the first is dropped.
    } else if (!entry.busy) void answer(entry, message)
  }

  const connectOnce = (): Promise<void> =>
    new Promise(resolve => {
      const client = new peer.ChaincodeClient(options.address(), credentials.createInsecure(), unlimited)
      const opened: Stream = client.connect()
      stream = opened
      const end = (): void => {
        if (stream === opened) stream = undefined
        lost()
        client.close()
        resolve()
      }
      opened.on('data', receive)
      opened.once('error', end)
      opened.once('end', end)
      close = () => {
        closed = true
        opened.cancel()
        client.close()
      }
      if (closed) close()
    })

  const keepConnected = async (): Promise<void> => {
    let backoff = 20
    while (!closed) {
      const began = Date.now()
      await connectOnce()
      backoff = Date.now() - began > 5000 ? 20 : Math.min(backoff * 2, maxBackoffMs)
      await delay(backoff, undefined, { ref: false })
    }
  }
  void keepConnected()

  const execute: ChaincodePeer['execute'] = request =>
    new Promise((resolve, reject) => {
      const key = keyOf(request.channelId, request.txId)
      if (!isReady) return reject(new Error('the chaincode is not connected'))
      if (running.has(key)) return reject(new Error(`txid: ${request.txId}(${request.channelId}) exists`))
      const timer = setTimeout(() => {
        running.delete(key)
        reject(new Error('timeout expired while executing transaction'))
      }, options.executeTimeoutMs ?? 30_000)
      const settle = (outcome: Execution | Error): void => {
        clearTimeout(timer)
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      running.set(key, { request, settle, busy: false })
      const message = messageOf(Type.TRANSACTION, request.channelId, request.txId, request.input.serializeBinary())
      message.setProposal(request.proposal)
      write(message)
    })

  const ready: ChaincodePeer['ready'] = timeoutMs =>
    new Promise((resolve, reject) => {
      if (isReady) return resolve()
      const wake = (): void => {
        waiting.delete(wake)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.delete(wake)
        reject(new Error(`the chaincode at ${options.address()} did not register within ${timeoutMs} ms`))
      }, timeoutMs)
      waiting.add(wake)
    })

  return { execute, ready, close: () => close() }
}
