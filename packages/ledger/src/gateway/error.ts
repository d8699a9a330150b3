import { isBimsError, newError, parseErrorText, type BimsError } from '@bims/core'

// gRPC status codes, https://grpc.io/docs/guides/status-codes/.
const cancelled = 1
const deadlineExceeded = 4
const permissionDenied = 7
const resourceExhausted = 8
const failedPrecondition = 9
const aborted = 10
const unavailable = 14

/** What fabric-gateway throws, read by form: version 1.12 does not export all of its classes, so that `instanceof` fails. */
interface Thrown {
  readonly name: string
  readonly code: number | undefined
  /** The message itself, then those of the peers and orderers behind it. */
  readonly messages: readonly string[]
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null

/** The status that a peer ends a stream of blocks with, which fabric-gateway tells in words alone. */
const streamStatus = /^Unexpected status response: (\d{3})$/

const textOf = (u: unknown, name: string): string => (isObject(u) && typeof u[name] === 'string' ? u[name] : '')

// 403 of common.Status is a refusal (PERMISSION_DENIED); with the others the peer has no more to say now (UNAVAILABLE).
const codeOfStatus = (message: string): number | undefined => {
  const status = streamStatus.exec(message)?.[1]
  if (status === undefined) return undefined
  return status === '403' || status === '400' ? permissionDenied : unavailable
}

const read = (cause: unknown): Thrown => {
  const code = isObject(cause) ? cause['code'] : undefined
  const details = isObject(cause) && Array.isArray(cause['details']) ? cause['details'] : []
  return {
    name: textOf(cause, 'name'),
    code: typeof code === 'number' ? code : codeOfStatus(textOf(cause, 'message')),
    messages: [textOf(cause, 'message'), ...details.map((detail: unknown) => textOf(detail, 'message'))].filter(
      text => text !== ''
    )
  }
}

const isTooLarge = (text: string): boolean => /larger than max|exceeds maximum|message too large/i.test(text)

const isOrdererAway = (text: string): boolean => /SERVICE_UNAVAILABLE|no Raft leader|no orderers could/i.test(text)

// Peers of an organisation that are down show as a precondition or as an aborted endorsement; so does a refusal.
const arePeersAway = (thrown: Thrown, text: string): boolean => {
  if (thrown.code === failedPrecondition)
    return /no combination of peers|failed to find any endorsing peers|failed to select/i.test(text)
  if (thrown.code !== aborted) return false
  return !/chaincode response|access denied|creator|identity|signature|expired|BAD_REQUEST|FORBIDDEN|chaincode .* not found/i.test(
    text
  )
}

const isUnavailable = (thrown: Thrown, text: string): boolean =>
  thrown.code === unavailable ||
  thrown.code === cancelled ||
  thrown.code === resourceExhausted ||
  isOrdererAway(text) ||
  arePeersAway(thrown, text)

/** The gRPC code of what was thrown; undefined where it has none. */
export const codeOfThrown = (cause: unknown): number | undefined => read(cause).code

/** Tells whether BFT orderers refused a transaction because they have it, or have ordered it, already. */
export const isOrdered = (cause: unknown): boolean =>
  read(cause).messages.some(text => /request already (?:processed|exists)/.test(text))

/** Tells whether a thrown error means that the peer at hand does not answer, so that another may. */
export const isPeerAway = (cause: unknown): boolean => read(cause).code === unavailable

/** Whatever was thrown as text; an object without a prototype, or one whose methods throw, has none of its own. */
const thrownText = (cause: unknown): string => {
  try {
    return String(cause)
  } catch {
    return typeof cause
  }
}

/**
 * What fabric-gateway threw, as an error of BIMS: the chaincode's own error where it stands in a message or in the details, which
 * the client otherwise hides; `transaction-too-large`, `ledger-unreachable`, `ledger-timeout`, or `ledger-refused`.
 */
export const gatewayError = (cause: unknown): BimsError => {
  if (isBimsError(cause)) return cause
  const thrown = read(cause)
  const own = thrown.messages.map(parseErrorText).find(error => error !== undefined)
  if (own !== undefined) return { ...own, cause }
  const text = thrown.messages.join('; ').slice(0, 2000)
  if (thrown.code === undefined)
    return newError(
      'unexpected',
      `The client of the ledger failed: ${text === '' ? thrownText(cause) : text}`,
      'Please report it.',
      { cause }
    )
  if (isTooLarge(text))
    return newError(
      'transaction-too-large',
      `The transaction is larger than the network takes: ${text}`,
      'Send fewer or smaller records at a time.',
      { cause }
    )
  if (thrown.code === deadlineExceeded)
    return newError(
      'ledger-timeout',
      `The ledger did not answer in time: ${text}`,
      'Try again; nothing that was queued is lost.',
      { cause }
    )
  if (isUnavailable(thrown, text))
    return newError(
      'ledger-unreachable',
      `The ledger cannot be reached: ${text}`,
      /certificate is not yet valid|certificate has expired/.test(text)
        ? "Set this machine's clock and that of the ledger's right; if they are, have the peer's certificate made anew."
        : 'Check that the network runs and that its endpoint is right.',
      { cause }
    )
  return newError(
    'ledger-refused',
    `The ledger refused: ${text}`,
    'See what it says; certificates may have expired, clocks may differ by more than 15 minutes, or the identity may not belong to the channel.',
    { cause }
  )
}
