import { Metadata } from '@grpc/grpc-js'
import type { ServerErrorResponse, StatusObject } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import { gateway, google } from '@hyperledger/fabric-protos'
import anyMessage from 'google-protobuf/google/protobuf/any_pb.js'

/** Where in the network something went wrong, as Fabric's gateway tells its clients. */
export interface ErrorDetail {
  /** `host:port` of the peer or orderer. */
  readonly address: string
  readonly mspId: string
  readonly message: string
}

/** An error that a gRPC method answers with. */
export interface RpcError {
  readonly code: status
  readonly message: string
  readonly details: readonly ErrorDetail[]
}

/** Makes an {@link RpcError}. */
export const rpcError = (code: status, message: string, details: readonly ErrorDetail[] = []): RpcError => ({
  code,
  message,
  details
})

/** Tells whether something thrown is an {@link RpcError}. */
const isRpcError = (u: unknown): u is RpcError =>
  typeof u === 'object' && u !== null && 'code' in u && 'details' in u && Array.isArray(u.details) && 'message' in u

// Both travel in headers, whose length is bounded, and the library throws, outside of any call, where a text that a
// client chose holds half a character. What is longer is cut: nobody reads it, and a header too many ends the connection.
const maxMessageCharacters = 2_000
const maxDetailCharacters = 12_000
const headerText = (text: string, most: number): string =>
  Buffer.from(text.length > most ? `${text.slice(0, most)}…` : text).toString()

const detailsBytes = (error: RpcError): Buffer => {
  const message = new google.rpc.Status()
  message.setCode(error.code)
  message.setMessage(headerText(error.message, maxMessageCharacters))
  for (const detail of error.details) {
    const entry = new gateway.ErrorDetail()
    entry.setAddress(detail.address)
    entry.setMspId(detail.mspId)
    entry.setMessage(headerText(detail.message, maxDetailCharacters))
    const any = new anyMessage.Any()
    any.pack(entry.serializeBinary(), 'gateway.ErrorDetail')
    message.addDetails(any)
  }
  return Buffer.from(message.serializeBinary())
}

/** The gRPC status of an error, with its details in the trailer in which clients look for them. */
export const statusOf = (error: RpcError): Partial<StatusObject> & ServerErrorResponse => {
  const metadata = new Metadata()
  if (error.details.length > 0) metadata.set('grpc-status-details-bin', detailsBytes(error))
  const text = headerText(error.message, maxMessageCharacters)
  return { name: 'RpcError', code: error.code, message: text, details: text, metadata }
}

/** The status for whatever a method threw; what no one foresaw is INTERNAL and tells nothing of the machine. */
export const statusOfThrown = (thrown: unknown): Partial<StatusObject> & ServerErrorResponse =>
  statusOf(isRpcError(thrown) ? thrown : rpcError(status.INTERNAL, 'the embedded ledger failed to answer'))
