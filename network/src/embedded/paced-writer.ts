/** A stream of messages to a client. */
interface MessageStream<A> {
  readonly write: (message: A, written: () => void) => unknown
}

/** Writes to a client's stream no faster than the client reads. */
export interface PacedWriter<A> {
  /** Writes a message of about so many bytes; resolves when the next may follow, or when the signal is aborted. */
  readonly write: (message: A, bytes: number) => Promise<void>
}

/**
 * How much may be on its way to a client that does not read. Streams of gRPC count messages, sixteen of them: with blocks
 * of megabytes that would be too much for each of many clients.
 */
const maxPendingBytes = 256 * 1024

/** Begins to write to a stream; the signal is aborted when it ends. */
export const newPacedWriter = <A>(stream: MessageStream<A>, signal: AbortSignal): PacedWriter<A> => {
  let pending = 0
  let wake = (): void => undefined
  signal.addEventListener('abort', () => wake(), { once: true })
  return {
    write: async (message, bytes) => {
      if (signal.aborted) return
      pending += bytes
      stream.write(message, () => {
        pending -= bytes
        if (pending < maxPendingBytes) wake()
      })
      if (pending >= maxPendingBytes)
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
  }
}
