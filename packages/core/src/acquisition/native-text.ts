/** One entry of native metadata, verbatim. */
export interface NativeEntry {
  /** Path as the format spells it, e.g. `[Beam] HV`, `Image/Pixels/@SizeX`. Repeats are kept as further entries. */
  readonly key: string
  readonly value: string
}

/** A block of native text as it stands in an attachment. */
export interface StoredNative {
  /** Id of the native format, e.g. `thermo-ini`, `ome-xml`, `imagej`. */
  readonly format: string
  readonly bytes: Uint8Array
}

/** One block of native text as it stands in the file; becomes an attachment of an acquisition. */
export interface NativeText extends StoredNative {
  /** With its charset, e.g. `text/plain; charset=utf-8`. */
  readonly mediaType: string
  /** Where the bytes already stand in the image file. */
  readonly at?: string
  /** All entries in order. Empty where the block does not parse (a warning says so) or where it only frames others. */
  readonly entries: readonly NativeEntry[]
}
