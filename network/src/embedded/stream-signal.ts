/** Says when a stream of messages to a client is over. */
export interface StreamSignal {
  readonly signal: AbortSignal
  /** Ends it by the server's own decision. */
  readonly end: () => void
}

/**
 * A signal that is aborted when a client's stream ends in any way, or when the ledger stops. Made by hand: a signal of
 * `AbortSignal.any` that somebody listens to is kept until it is aborted, and with it the stream and its last messages.
 */
export const streamSignal = (stream: NodeJS.EventEmitter, stopping: AbortSignal): StreamSignal => {
  const over = new AbortController()
  const end = (): void => {
    stopping.removeEventListener('abort', end)
    over.abort()
  }
  stopping.addEventListener('abort', end)
  for (const event of ['cancelled', 'close', 'finish', 'error']) stream.once(event, end)
  if (stopping.aborted) end()
  return { signal: over.signal, end }
}
