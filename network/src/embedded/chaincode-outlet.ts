import type { peer } from '@hyperledger/fabric-protos'

/** Where the messages to a chaincode go; `written` is called when one has left. */
interface MessageSink {
  readonly write: (message: peer.ChaincodeMessage, written: () => void) => unknown
}

/** The messages to one chaincode, which go no faster than it reads. */
export interface ChaincodeOutlet {
  /**
   * Sends a message, in turn; `sent` is called once it is on its way. Gives what takes it back where it still waits: a
   * chaincode that never reads must not make the ledger keep what nobody waits for any more.
   */
  readonly send: (message: peer.ChaincodeMessage, sent?: () => void) => () => void
}

interface Waiting {
  readonly message: peer.ChaincodeMessage
  readonly sent: () => void
}

// Enough for a chaincode that reads to be busy all the time; what a stream of gRPC counts is messages, not bytes.
const maxPendingBytes = 16 * 1024 * 1024
const overheadBytes = 256

const bytesOf = (message: peer.ChaincodeMessage): number =>
  overheadBytes + message.getPayload_asU8().length + (message.getProposal()?.getProposalBytes_asU8().length ?? 0)

/** Begins to send over a stream. */
export const newChaincodeOutlet = (sink: MessageSink): ChaincodeOutlet => {
  const waiting = new Set<Waiting>()
  let pending = 0
  const write = ({ message, sent }: Waiting): void => {
    const bytes = bytesOf(message)
    pending += bytes
    sent()
    sink.write(message, () => {
      pending -= bytes
      flush()
    })
  }
  const flush = (): void => {
    for (const next of waiting) {
      if (pending >= maxPendingBytes) return
      waiting.delete(next)
      write(next)
    }
  }
  return {
    send: (message, sent = () => undefined) => {
      const next = { message, sent }
      waiting.add(next)
      flush()
      return () => void waiting.delete(next)
    }
  }
}
