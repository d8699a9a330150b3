import type { BimsError } from '@bims/core'
import type { Connection, DeliveryRequest } from '@bims/ledger'
import { left } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** A ledger that is known not to answer, and why: a delivery to it tells what waits. */
export const silentLedger = (problem: BimsError): DeliveryRequest['ledger'] => {
  const refuse = (): TaskEither<BimsError, never> => () => Promise.resolve(left(problem))
  const connection: Connection = { evaluate: refuse, endorse: refuse, settle: refuse, close: () => undefined }
  return {
    sender: { connection, patience: { proposals: 1, endorsements: 1, submissions: 1 } },
    limits: { batch: { records: 1000, bytes: 1024 * 1024 }, inFlight: 1 }
  }
}
