import { randomBytes } from 'node:crypto'

/** What BIMS needs from the outside besides files and networks; tests bring their own. */
export interface Capabilities {
  /** Now, RFC 3339 in UTC. */
  readonly now: () => string
  /** Unpredictable bytes. */
  readonly random: (length: number) => Uint8Array
}

/** The real clock and randomness; the only place where they come in. */
export const production: Capabilities = {
  now: () => new Date().toISOString(),
  random: length => new Uint8Array(randomBytes(length))
}
