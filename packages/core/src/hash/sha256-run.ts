/** A running SHA-256. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => Sha256
  /** Ends the run; 32 bytes. */
  readonly digest: () => Uint8Array
}
