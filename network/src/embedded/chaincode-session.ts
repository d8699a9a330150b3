import { setTimeout as delay } from 'node:timers/promises'
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

/** The two directions of a chaincode's stream, whichever side opened it. */
export interface ChaincodeStream extends NodeJS.EventEmitter {
  readonly write: (message: peer.ChaincodeMessage) => unknown
}

/** The conversation of a peer with one chaincode, over one stream after the other. */
export interface ChaincodeSession {
  /** Executes a transaction; rejects with an Error of Fabric's wording where the chaincode fails to answer. */
  readonly execute: (request: ExecutionRequest) => Promise<Execution>
  /** Whether a chaincode is connected and has registered. */
  readonly isReady: () => boolean
  /** Resolves when the chaincode has registered; rejects when it does not within the time. */
  readonly ready: (timeoutMs: number) => Promise<void>
  /** Goes on over this stream until it ends; `registered` is its first message, where that was read already. */
  readonly attach: (stream: ChaincodeStream, registered?: peer.ChaincodeMessage) => Promise<void>
}

/** What a conversation needs to know of its chaincode. */
export interface ChaincodeSessionOptions {
  /** The chaincode and where it is, as an error names it. */
  readonly describe: () => string
  /** Milliseconds an execution may take. Default 30,000, as in Fabric. */
  readonly executeTimeoutMs?: number | undefined
  /** Milliseconds that a call waits for a chaincode that is not connected. Default 3,000, as in Fabric. */
  readonly connectTimeoutMs?: number | undefined
  /** Called when a chaincode has registered and when it is gone. */
  readonly onChange?: (() => void) | undefined
}

type MessageKind = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]

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

/** What an error begins with that the chaincode itself answered. */
export const failurePrefix = 'transaction returned with failure: '

const outcomeOf = (message: peer.ChaincodeMessage): Execution | Error => {
  if (message.getType() === Type.ERROR)
    return new Error(`${failurePrefix}${Buffer.from(message.getPayload_asU8()).toString()}`)
  const response = decode(peer.Response, message.getPayload_asU8())
  return response === undefined
    ? new Error(`failed to unmarshal response for transaction ${message.getTxid()}`)
    : { response, event: message.getChaincodeEvent() }
}

/** Begins a conversation that waits for its first stream. */
export const newChaincodeSession = (options: ChaincodeSessionOptions): ChaincodeSession => {
  const running = new Map<string, Running>()
  const waiting = new Set<() => void>()
  let stream: ChaincodeStream | undefined
  let isReady = false

  const write = (message: peer.ChaincodeMessage): void => void stream?.write(message)

  const lost = (): void => {
    stream = undefined
    if (!isReady) return
    isReady = false
    for (const [key, entry] of [...running]) {
      running.delete(key)
      entry.settle(new Error('chaincode stream terminated'))
    }
    options.onChange?.()
  }

  const register = (message: peer.ChaincodeMessage): void => {
    if (message.getType() !== Type.REGISTER) return
    write(messageOf(Type.REGISTERED, '', '', new Uint8Array()))
    // Nothing is announced that the chaincode could ask for beyond the classic requests.
    write(messageOf(Type.READY, '', '', new peer.ChaincodeAdditionalParams().serializeBinary()))
    isReady = true
    for (const wake of [...waiting]) wake()
    options.onChange?.()
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

  const attach: ChaincodeSession['attach'] = (opened, registered) =>
    new Promise(resolve => {
      stream = opened
      const end = (): void => {
        if (stream === opened) lost()
        resolve()
      }
      for (const event of ['error', 'end', 'close', 'cancelled']) opened.on(event, end)
      opened.on('data', (message: peer.ChaincodeMessage) => {
        if (stream === opened) receive(message)
      })
      if (registered !== undefined) receive(registered)
    })

  const run = (request: ExecutionRequest): Promise<Execution> =>
    new Promise((resolve, reject) => {
      const key = keyOf(request.channelId, request.txId)
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

  const ready: ChaincodeSession['ready'] = async timeoutMs => {
    if (isReady) return
    const ended = new AbortController()
    let wake = (): void => undefined
    const woken = new Promise<boolean>(resolve => {
      wake = () => resolve(true)
      waiting.add(wake)
    })
    const late = delay(timeoutMs, false, { signal: ended.signal }).catch(() => false)
    try {
      if (!(await Promise.race([woken, late])))
        throw new Error(`${options.describe()} did not register within ${timeoutMs} ms`)
    } finally {
      waiting.delete(wake)
      ended.abort()
    }
  }

  const execute: ChaincodeSession['execute'] = async request => {
    if (!isReady)
      await ready(options.connectTimeoutMs ?? 3000).catch((error: unknown) => {
        throw new Error(`could not launch chaincode: ${errorText(error)}`)
      })
    return run(request)
  }

  return { execute, ready, attach, isReady: () => isReady }
}
