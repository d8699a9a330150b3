import { errorText, isBimsError, newError, type BimsError } from '@bims/core/ledger-rules'
import { Contract, type Context } from 'fabric-contract-api'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attach } from './handlers/attach.ts'
import { attest } from './handlers/attest.ts'
import { find } from './handlers/find.ts'
import { lineage } from './handlers/lineage.ts'
import { merge } from './handlers/merge.ts'
import { purge } from './handlers/purge.ts'
import { readAttachment } from './handlers/read-attachment.ts'
import { read } from './handlers/read.ts'
import { runs } from './handlers/runs.ts'
import { share } from './handlers/share.ts'
import { submit } from './handlers/submit.ts'
import { readCaller, type Caller } from './state/caller.ts'
import { newLedgerState, type LedgerState } from './state/ledger-state.ts'

type CallerOf = () => E.Either<BimsError, Caller>

// Of what is thrown only the message reaches a client, so that code, advice and issues are written into it.
const thrown = (error: BimsError): Error => new Error(errorText(error))

const unforeseen = (cause: unknown): BimsError =>
  isBimsError(cause)
    ? cause
    : newError(
        'unexpected',
        `The chaincode failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        'Please report it.'
      )

const answer = async (
  ctx: Context,
  ask: (state: LedgerState, callerOf: CallerOf) => TaskEither<BimsError, string>
): Promise<string> => {
  const attempt = async (): Promise<E.Either<BimsError, string>> =>
    ask(newLedgerState(ctx.stub), () => readCaller(ctx.clientIdentity))()
  const result = await attempt().catch((cause: unknown) => E.left(unforeseen(cause)))
  if (E.isLeft(result)) throw thrown(result.left)
  return result.right
}

/** A transaction that is refused where the caller has no name: its writes tell who made them. */
const transact = (
  ctx: Context,
  handler: (state: LedgerState, caller: Caller, argument: string) => TaskEither<BimsError, string>,
  argument: string
): Promise<string> =>
  answer(ctx, (state, callerOf) => async () => {
    const caller = callerOf()
    return E.isLeft(caller) ? caller : handler(state, caller.right, argument)()
  })

/**
 * The chaincode of BIMS, version 2. Every method is a transaction with one JSON text as its argument; docs/spec/ledger.md
 * describes them. No decorators, no optional parameters: without them Fabric's library counts parameters right.
 */
export class BimsContract extends Contract {
  constructor() {
    super('bims')
  }

  /** Takes records whose contents stand in the transient map: public, restricted, or released. */
  async Submit(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, submit, argument)
  }

  /** Lets another organisation have restricted records. */
  async Share(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, share, argument)
  }

  /** Takes contents out of the private collection of the caller's organisation. */
  async Purge(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, purge, argument)
  }

  /** Keeps chunks of an attachment in the private collection of the caller's organisation. */
  async Attach(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, attach, argument)
  }

  /** Merges runs of the index. */
  async Merge(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, merge, argument)
  }

  /** Answers the runs of the index that can be merged. */
  async Runs(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, state => runs(state, argument))
  }

  /** Answers a record with everyone who submitted it. */
  async Read(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, (state, callerOf) => read(state, callerOf, argument))
  }

  /** Answers records by what they name, or by kind and owner in a window of time. */
  async Find(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, (state, callerOf) => find(state, callerOf, argument))
  }

  /** Answers what an image was made from, or what was made from it. */
  async Lineage(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, state => lineage(state, argument))
  }

  /** Answers chunks of an attachment. */
  async ReadAttachment(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, (state, callerOf) => readAttachment(state, callerOf, argument))
  }

  /** Says that a record stands in a transaction, for the endorsements of that answer. */
  async Attest(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, state => attest(state, argument))
  }
}
