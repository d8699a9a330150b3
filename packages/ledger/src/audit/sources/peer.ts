import type { ClientDuplexStream } from '@grpc/grpc-js'
import { newError, type BimsError } from '@bims/core'
import { common } from '@hyperledger/fabric-protos'
import { backoff, pause } from '../../client/pause.ts'
import type { Connection } from '../../gateway/connection.ts'
import { gatewayError, isPeerAway } from '../../gateway/error.ts'
import type { Held } from '../../gateway/failover.ts'
import type { Link } from '../../gateway/link.ts'
import { seekToNewest, type Seeker } from '../../gateway/seek.ts'
import { content, fieldsOf, isBytes, isNumber, nextField } from '../../wire/fields.ts'
import type { ChainPiece } from '../source.ts'

/** How a chain is asked of a peer. */
export interface PeerChainOptions {
  /** First block; 0 where it is not given. */
  readonly from?: number
  readonly signal?: AbortSignal
}

const raw = (bytes: Buffer): Buffer => bytes

const open = (link: Link): ClientDuplexStream<Buffer, Buffer> =>
  link.client.makeBidiStreamRequest('/protos.Deliver/Deliver', raw, raw)

interface Reply {
  readonly block: Buffer | undefined
  readonly status: number | undefined
}

// DeliverResponse: a status, or a block, whose bytes are passed on as they came.
const readReply = (bytes: Buffer): Reply => {
  let block: Buffer | undefined
  let status: number | undefined
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isNumber(f, 1)) status = f.value
    else if (isBytes(f, 2)) block = content(f)
  }
  return { block, status }
}

const statusName = (status: number | undefined): string =>
  Object.entries(common.Status).find(([, code]) => code === status)?.[0] ?? `status ${status ?? 'without a number'}`

const refused = (endpoint: string, status: number | undefined): BimsError =>
  newError(
    'ledger-refused',
    `The peer at ${endpoint} does not hand out its blocks: ${statusName(status)}.`,
    'Ask as a member of the channel, and check the name of the channel and the clock of this machine.'
  )

const next = <A>(items: AsyncIterator<A>, { lost }: Held<Link>): Promise<IteratorResult<A>> =>
  Promise.race([items.next(), lost])

// One reading at one peer, until it says that it has given the newest block.
async function* readFrom(held: Held<Link>, request: Buffer): AsyncGenerator<Buffer, void> {
  const call = open(held.link)
  call.on('error', () => undefined)
  try {
    call.write(request)
    const replies: AsyncIterator<Buffer> = call[Symbol.asyncIterator]()
    for (;;) {
      const reply = await next(replies, held)
      if (reply.done === true)
        throw Object.assign(new Error('the peer ended the stream of blocks before the newest'), { code: 14 })
      held.heard()
      const { block, status } = readReply(reply.value)
      if (block !== undefined) yield block
      else if (status === common.Status.SUCCESS) return
      else throw refused(held.link.endpoint, status)
    }
  } finally {
    call.cancel()
  }
}

const attempts = 5

const stopped = (): BimsError => newError('interrupted', 'Reading the blocks was stopped.', 'Start it again.')

/**
 * All blocks of a channel that a peer has now, as the bytes in which they came; read on at the next peer where one goes
 * away. Rejects with `ledger-refused`, `ledger-unreachable`, `ledger-timeout`, `interrupted`.
 */
export async function* chainAtPeer(
  connection: Pick<Connection, 'hold'>,
  seeker: Seeker,
  { from = 0, signal }: PeerChainOptions = {}
): AsyncGenerator<ChainPiece, void> {
  let number = from
  for (let attempt = 1; ; attempt++) {
    const held = connection.hold()
    let away = false
    try {
      for await (const bytes of readFrom(held, await seekToNewest(seeker, number))) {
        if (signal?.aborted === true) throw stopped()
        yield { _tag: 'Block', bytes }
        number += 1
        attempt = 1
      }
      return
    } catch (cause) {
      away = isPeerAway(cause)
      if (!away || attempt >= attempts) throw gatewayError(cause)
    } finally {
      held.end(away)
    }
    await pause(backoff(attempt, 100, 2_000), signal)
  }
}
