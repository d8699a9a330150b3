/** A bundle that was found, and where. */
export interface FoundBundle {
  readonly bytes: Uint8Array
  readonly place: 'embedded' | 'sidecar'
}

/** What stands in the two places of a file's bundle. */
export interface FoundBundles {
  /** The bundle that counts: a valid embedded one goes before a sidecar. */
  readonly chosen?: FoundBundle
  readonly embedded?: Uint8Array
  readonly sidecar?: Uint8Array
  /** Both are there and are not the same bytes, which is to be reported. */
  readonly differ: boolean
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

/**
 * Chooses between an embedded bundle and a sidecar. `isValid` tells whether bytes are a bundle at all (an embedded one
 * that is not yields to a valid sidecar); where neither is valid the embedded one is chosen, for its error.
 */
export const chooseBundle = (
  embedded: Uint8Array | undefined,
  sidecar: Uint8Array | undefined,
  isValid: (bundle: Uint8Array) => boolean = () => true
): FoundBundles => {
  const found: readonly FoundBundle[] = [
    ...(embedded === undefined ? [] : [{ bytes: embedded, place: 'embedded' } as const]),
    ...(sidecar === undefined ? [] : [{ bytes: sidecar, place: 'sidecar' } as const])
  ]
  const chosen = found.find(({ bytes }) => isValid(bytes)) ?? found[0]
  return {
    ...(chosen === undefined ? {} : { chosen }),
    ...(embedded === undefined ? {} : { embedded }),
    ...(sidecar === undefined ? {} : { sidecar }),
    differ: embedded !== undefined && sidecar !== undefined && !sameBytes(embedded, sidecar)
  }
}
