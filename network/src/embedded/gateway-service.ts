import { status } from '@grpc/grpc-js'
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import type { gateway } from '@hyperledger/fabric-protos'
import { newAdmission } from './admission.ts'
import { streamChaincodeEvents } from './event-service.ts'
import { endorseRequest, evaluateRequest } from './gateway-endorse.ts'
import { commitStatusRequest, submitRequest } from './gateway-submit.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import { rpcError, statusOf, statusOfThrown } from './rpc-error.ts'
import { streamSignal } from './stream-signal.ts'

/** How many calls a peer serves side by side, as on a real one; the next is refused. */
const defaultConcurrency = 500

type Unary<Q, A> = (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>) => void

/** The methods of `gateway.Gateway` for the peer of one organisation. */
export const gatewayHandlers = (
  context: LedgerContext,
  own: OrganizationPeer,
  limit = defaultConcurrency
): UntypedServiceImplementation => {
  // None where it is 0, as on a real peer.
  const concurrency = limit === 0 ? Infinity : limit
  const admission = newAdmission(concurrency)
  const tooMany = statusOf(
    rpcError(
      status.RESOURCE_EXHAUSTED,
      `too many requests for /gateway.Gateway, exceeding concurrency limit (${concurrency})`
    )
  )

  const signalOf = (call: ServerUnaryCall<unknown, unknown>): AbortSignal => {
    const cancelled = new AbortController()
    call.once('cancelled', () => cancelled.abort())
    return cancelled.signal
  }

  const unary =
    <Q, A>(answer: (request: Q, signal: AbortSignal) => Promise<A>): Unary<Q, A> =>
    (call, callback) => {
      const leave = admission.enter(call.getPeer())
      if (leave === undefined) return callback(tooMany)
      answer(call.request, signalOf(call))
        .then(
          response => callback(null, response),
          (error: unknown) => callback(statusOfThrown(error))
        )
        // Where the library itself throws over an answer the call is lost, the ledger is not.
        .catch(() => undefined)
        .finally(leave)
    }

  const events = (
    stream: ServerWritableStream<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>
  ): void => {
    const leave = admission.enter(stream.getPeer())
    if (leave === undefined) return void stream.emit('error', tooMany)
    const { signal, end } = streamSignal(stream, context.stopping)
    streamChaincodeEvents(context, stream, signal)
      .catch((error: unknown) => stream.emit('error', statusOfThrown(error)))
      .finally(() => {
        end()
        leave()
      })
  }

  return {
    endorse: unary((request: gateway.EndorseRequest) => endorseRequest(context, own, request)),
    evaluate: unary((request: gateway.EvaluateRequest) => evaluateRequest(context, own, request)),
    submit: unary((request: gateway.SubmitRequest) => submitRequest(context, request)),
    commitStatus: unary((request: gateway.SignedCommitStatusRequest, signal) =>
      commitStatusRequest(context, request, signal)
    ),
    chaincodeEvents: events
  }
}
