import { setTimeout as delay } from 'node:timers/promises'
import { peer } from '@hyperledger/fabric-protos'
import { newChaincodeOutlet, type ChaincodeOutlet } from './chaincode-outlet.ts'
import { errorText } from './error-text.ts'
import { decode } from '../protobuf/messages.ts'
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
  readonly write: (message: peer.ChaincodeMessage, written: () => void) => unknown
}

/** How a stream begins and how it is ended by the peer. */
export interface StreamManners {
  /** Its first message, where that was read already. */
  readonly registered?: peer.ChaincodeMessage
  /** Ends it, because the chaincode does what none may; it is told why where the stream can tell. */
  readonly refuse: (why: string) => void
}

/** The conversation of a peer with one chaincode, over one stream after the other. */
export interface ChaincodeSession {
  /** Executes a transaction; rejects with an Error of Fabric's wording where the chaincode fails to answer. */
  readonly execute: (request: ExecutionRequest) => Promise<Execution>
  /** Whether a chaincode is connected and has registered. */
  readonly isReady: () => boolean
  /** Resolves when the chaincode has registered; rejects when it does not within the time. */
  readonly ready: (timeoutMs: number) => Promise<void>
  /** Goes on over this stream until it ends. */
  readonly attach: (stream: ChaincodeStream, manners: StreamManners) => Promise<void>
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
  /** Takes back the last message to the chaincode, where it was not yet sent. */
  withdraw: () => void
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

/**
 * How many messages in a row may belong to nothing: what a transaction that has ended still had under way is dropped, as
 * on a real peer; a chaincode that sends nothing else only keeps the ledger busy, and is cut off.
 */
const maxStrays = 10_000

/** Begins a conversation that waits for its first stream. */
export const newChaincodeSession = (options: ChaincodeSessionOptions): ChaincodeSession => {
  const running = new Map<string, Running>()
  const waiting = new Set<() => void>()
  let stream: ChaincodeStream | undefined
  let outlet: ChaincodeOutlet | undefined
  let isReady = false

  const lost = (): void => {
    stream = undefined
    outlet = undefined
    if (!isReady) return
    isReady = false
    for (const [key, entry] of [...running]) {
      running.delete(key)
      entry.settle(new Error('chaincode stream terminated'))
    }
    options.onChange?.()
  }

  const register = (message: peer.ChaincodeMessage): boolean => {
    if (message.getType() !== Type.REGISTER) return false
    outlet?.send(messageOf(Type.REGISTERED, '', '', new Uint8Array()))
    // Nothing is announced that the chaincode could ask for beyond the classic requests.
    outlet?.send(messageOf(Type.READY, '', '', new peer.ChaincodeAdditionalParams().serializeBinary()))
    isReady = true
    for (const wake of [...waiting]) wake()
    options.onChange?.()
    return true
  }

  const answerTo = async (
    { channelId, txId, state }: ExecutionRequest,
    message: peer.ChaincodeMessage
  ): Promise<peer.ChaincodeMessage> => {
    try {
      return messageOf(Type.RESPONSE, channelId, txId, await state.answer(message))
    } catch (error) {
      const name = Object.entries(Type).find(([, type]) => type === message.getType())?.[0] ?? message.getType()
      const text = `${name} failed: transaction ID: ${txId}: ${errorText(error)}`
      return messageOf(Type.ERROR, channelId, txId, Buffer.from(text))
    }
  }

  // Not before its answer is on its way may a transaction ask again: one that does not read is answered once.
  const answer = async (key: string, entry: Running, message: peer.ChaincodeMessage): Promise<void> => {
    entry.busy = true
    const answered = await answerTo(entry.request, message)
    if (running.get(key) !== entry) return
    entry.withdraw = outlet?.send(answered, () => (entry.busy = false)) ?? entry.withdraw
  }

  /** Whether the message belongs to anything. */
  const receive = (message: peer.ChaincodeMessage): boolean => {
    if (!isReady) return register(message)
    const key = keyOf(message.getChannelId(), message.getTxid())
    const entry = running.get(key)
    if (entry === undefined) return false
    if (message.getType() === Type.COMPLETED || message.getType() === Type.ERROR) {
      running.delete(key)
      entry.settle(outcomeOf(message))
      return true
    }
    // As on a real peer, a second request before the answer to the first is dropped.
    if (entry.busy) return false
    void answer(key, entry, message)
    return true
  }

  const attach: ChaincodeSession['attach'] = (opened, { registered, refuse }) =>
    new Promise(resolve => {
      let strays = 0
      stream = opened
      outlet = newChaincodeOutlet(opened)
      const end = (): void => {
        if (stream === opened) lost()
        resolve()
      }
      for (const event of ['error', 'end', 'close', 'cancelled']) opened.on(event, end)
      opened.on('data', (message: peer.ChaincodeMessage) => {
        if (stream !== opened) return
        strays = receive(message) ? 0 : strays + 1
        if (strays <= maxStrays) return
        end()
        refuse(`${options.describe()} sent ${strays} messages in a row that belong to no transaction under way`)
      })
      if (registered !== undefined) receive(registered)
    })

  const run = (request: ExecutionRequest): Promise<Execution> =>
    new Promise((resolve, reject) => {
      const key = keyOf(request.channelId, request.txId)
      if (running.has(key)) return reject(new Error(`txid: ${request.txId}(${request.channelId}) exists`))
      const settle = (outcome: Execution | Error): void => {
        clearTimeout(timer)
        entry.withdraw()
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const entry: Running = { request, settle, busy: false, withdraw: () => undefined }
      const timer = setTimeout(() => {
        running.delete(key)
        settle(new Error('timeout expired while executing transaction'))
      }, options.executeTimeoutMs ?? 30_000)
      running.set(key, entry)
      const message = messageOf(Type.TRANSACTION, request.channelId, request.txId, request.input.serializeBinary())
      message.setProposal(request.proposal)
      entry.withdraw = outlet?.send(message) ?? entry.withdraw
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
