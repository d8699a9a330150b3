import { errorText, isBimsError, newError, type BimsError } from '@bims/core'
import { Contract, type Context } from 'fabric-contract-api'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attest } from './handlers/attest.ts'
import { read } from './handlers/read.ts'
import { submit } from './handlers/submit.ts'
import { readCaller, type Caller } from './state/caller.ts'
import { newLedgerState } from './state/ledger-state.ts'

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

const answer = async (handler: TaskEither<BimsError, string>): Promise<string> => {
  const result = await handler().catch((cause: unknown) => E.left(unforeseen(cause)))
  if (E.isLeft(result)) throw thrown(result.left)
  return result.right
}

/**
 * The chaincode of BIMS. Every method is a transaction with one JSON text as its argument; docs/spec/ledger.md describes them.
 * No decorators, no optional parameters: without them Fabric's library counts parameters right.
 */
export class BimsContract extends Contract {
  constructor() {
    super('bims')
  }

  /** Takes records whose contents stand in the transient map. */
  async Submit(ctx: Context, argument: string): Promise<string> {
    return answer(async () => {
      const caller = readCaller(ctx.clientIdentity)
      return E.isLeft(caller) ? caller : withCaller(ctx, caller.right, argument)
    })
  }

  /** Answers a record with everyone who submitted it. */
  async Read(ctx: Context, argument: string): Promise<string> {
    return answer(read(newLedgerState(ctx.stub), argument))
  }

  /** Says that a submission stands on the ledger, for the endorsements of that answer. */
  async Attest(ctx: Context, argument: string): Promise<string> {
    return answer(attest(newLedgerState(ctx.stub), argument))
  }
}

const withCaller = (ctx: Context, caller: Caller, argument: string): Promise<E.Either<BimsError, string>> =>
  submit(newLedgerState(ctx.stub), caller, argument)()
