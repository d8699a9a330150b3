import { status } from '@grpc/grpc-js'
import { type common, gateway, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { checkReader } from './access.ts'
import { parseEnvelope } from './envelope.ts'
import { validationCode } from './enumerated.ts'
import type { LedgerContext } from './ledger-context.ts'
import { decode } from '../protobuf/messages.ts'
import { rpcError } from './rpc-error.ts'
import type { RpcError } from './rpc-error.ts'

const Code = peer.TxValidationCode

/** The largest transaction that is ordered, in bytes: that of a real orderer with its default of 99 MiB. */
const maxTransactionBytes = 103_809_024

const refusal = (name: string, info: string): RpcError =>
  rpcError(status.ABORTED, `received unsuccessful response from orderer: status=${name}, info=${info}`)

// What an orderer refuses by itself; everything else goes into a block and is marked there.
const ordererRefusals: ReadonlyMap<number, RpcError> = new Map([
  [Code.BAD_PAYLOAD, refusal('BAD_REQUEST', 'message has an improper payload')],
  [Code.BAD_COMMON_HEADER, refusal('BAD_REQUEST', 'message is malformed')],
  [
    Code.BAD_CREATOR_SIGNATURE,
    refusal(
      'FORBIDDEN',
      'implicit policy evaluation failed - the creator is no member or did not sign: permission denied'
    )
  ],
  [Code.TARGET_CHAIN_NOT_FOUND, refusal('NOT_FOUND', 'channel does not exist')],
  [
    Code.UNKNOWN_TX_TYPE,
    refusal('BAD_REQUEST', 'message of a type that is not ordered; channel updates are not part of the embedded ledger')
  ]
])

// An orderer looks at the expiry of who submits; in the block it is no longer asked, so that old blocks stay valid.
const hasExpired = (context: LedgerContext, envelope: common.Envelope): boolean => {
  const parsed = parseEnvelope(envelope)
  const creator = E.isRight(parsed) ? context.msp.identify(parsed.right.signature.getCreator_asU8()) : parsed
  return E.isRight(creator) && creator.right.notAfter < Date.now()
}

/** `gateway.Gateway/Submit`: takes a signed transaction on for a block. */
export const submitRequest = async (
  context: LedgerContext,
  request: gateway.SubmitRequest
): Promise<gateway.SubmitResponse> => {
  const envelope = request.getPreparedTransaction()
  if (envelope === undefined) throw rpcError(status.INVALID_ARGUMENT, 'a prepared transaction is required')
  if (envelope.getSignature_asU8().length === 0)
    throw rpcError(status.INVALID_ARGUMENT, 'prepared transaction must be signed')
  const size = envelope.getPayload_asU8().length + envelope.getSignature_asU8().length
  if (size > maxTransactionBytes)
    throw refusal(
      'BAD_REQUEST',
      `message payload is ${size} bytes and exceeds maximum allowed ${maxTransactionBytes} bytes`
    )
  if (hasExpired(context, envelope)) throw refusal('BAD_REQUEST', 'broadcast client identity expired')
  const checked = await context.check(envelope)
  const refused = ordererRefusals.get(checked.code) ?? context.orderer.submit(checked)
  if (refused !== undefined) throw refused
  return new gateway.SubmitResponse()
}

/** `gateway.Gateway/CommitStatus`: answers once a transaction is committed, however long that takes. */
export const commitStatusRequest = async (
  context: LedgerContext,
  signed: gateway.SignedCommitStatusRequest,
  signal: AbortSignal
): Promise<gateway.CommitStatusResponse> => {
  const bytes = signed.getRequest_asU8()
  if (bytes.length === 0) throw rpcError(status.INVALID_ARGUMENT, 'a commit status request is required')
  const request = decode(gateway.CommitStatusRequest, bytes)
  if (request === undefined) throw rpcError(status.INVALID_ARGUMENT, 'invalid status request')
  if (request.getIdentity_asU8().length === 0) throw rpcError(status.INVALID_ARGUMENT, 'no identity provided')
  if (request.getChannelId() === '') throw rpcError(status.INVALID_ARGUMENT, 'no channel ID provided')
  if (request.getTransactionId() === '') throw rpcError(status.INVALID_ARGUMENT, 'transaction ID should not be empty')
  await assertReader(context, request.getChannelId(), request.getIdentity_asU8(), bytes, signed.getSignature_asU8())
  const committed = await context.orderer.committed(request.getTransactionId(), signal)
  const response = new gateway.CommitStatusResponse()
  response.setResult(validationCode(committed.code))
  response.setBlockNumber(committed.block)
  return response
}

/** Refuses with PERMISSION_DENIED whoever may not read the channel. */
export const assertReader = async (
  context: LedgerContext,
  channelId: string,
  identity: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array
): Promise<void> => {
  if (channelId !== context.channel) throw rpcError(status.NOT_FOUND, `channel ${channelId} does not exist`)
  if (!(await checkReader(context.msp, identity, data, signature)))
    throw rpcError(
      status.PERMISSION_DENIED,
      `failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [/Channel/Application/Readers]`
    )
}
