import type { BimsError } from '@bims/core'
import type { ChaincodeEvent } from '@hyperledger/fabric-gateway'
import type { common } from '@hyperledger/fabric-protos'
import type * as E from 'fp-ts/lib/Either.js'
import type { Connection } from '../gateway/connection.ts'
import type { Position } from './checkpoint.ts'
import { resumedStream, type StreamOptions, type StreamSource } from './stream.ts'

/** A block as a peer delivers it. */
export interface DeliveredBlock {
  readonly number: number
  /** Fabric's protobuf message `common.Block`. */
  readonly bytes: Uint8Array
}

/** An event that a chaincode set in a valid transaction. */
export interface LedgerEvent {
  readonly block: number
  readonly transaction: string
  readonly name: string
  readonly payload: Uint8Array
}

/** How the events of a chaincode are listened to. */
export interface EventOptions extends StreamOptions {
  /** Name of the chaincode; that of the profile where it is not given. */
  readonly chaincode?: string
}

const startOf = (position: Position | undefined): { readonly startBlock?: bigint } =>
  position === undefined ? {} : { startBlock: BigInt(position.block) }

const blockSource: StreamSource<common.Block, DeliveredBlock> = {
  open: ({ network }, position) => network.getBlockEvents(startOf(position)),
  read: block => ({ number: block.getHeader()?.getNumber() ?? 0, bytes: block.serializeBinary() }),
  behind: ({ number }) => ({ block: number + 1 })
}

/** The blocks of the channel as they are delivered; see {@link resumedStream}. */
export const blocksOf = (
  connection: Pick<Connection, 'hold'>,
  options: StreamOptions = {}
): AsyncGenerator<E.Either<BimsError, DeliveredBlock>, void> => resumedStream(connection, blockSource, options)

// What fabric-gateway resumes behind.
const afterOf = ({
  block,
  transaction
}: Position): { getBlockNumber: () => bigint; getTransactionId: () => string | undefined } => ({
  getBlockNumber: () => BigInt(block),
  getTransactionId: () => transaction
})

const eventSource = (chaincode: string): StreamSource<ChaincodeEvent, LedgerEvent> => ({
  open: ({ network }, position) =>
    network.getChaincodeEvents(
      chaincode,
      position?.transaction === undefined ? startOf(position) : { checkpoint: afterOf(position) }
    ),
  read: ({ blockNumber, transactionId, eventName, payload }) => ({
    block: Number(blockNumber),
    transaction: transactionId,
    name: eventName,
    payload
  }),
  // A chaincode sets one event a transaction at most.
  behind: ({ block, transaction }) => ({ block, transaction })
})

/** The events of a chaincode's valid transactions; see {@link resumedStream}. */
export const eventsOf = (
  connection: Pick<Connection, 'hold'>,
  chaincode: string,
  options: EventOptions = {}
): AsyncGenerator<E.Either<BimsError, LedgerEvent>, void> =>
  resumedStream(connection, eventSource(options.chaincode ?? chaincode), options)
