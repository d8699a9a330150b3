/** A file that is being written. */
export interface WritableFile {
  /** Writes all bytes at the end. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Returns when what was written would survive a power cut. */
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What the outbox needs of a file system. Failures reject with an error that has one of the system's codes (`ENOSPC`, …). */
export interface FileSystem {
  /** Names in a folder; none where it does not exist. */
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly read: (path: string) => Promise<Uint8Array>
  /** Time of the last change in milliseconds. */
  readonly changedAt: (path: string) => Promise<number>
  /** Makes a folder and those above it; gives the uppermost that it made, undefined where all were there. */
  readonly makeFolder: (path: string) => Promise<string | undefined>
  /** Makes a file that must not exist yet. */
  readonly create: (path: string) => Promise<WritableFile>
  /** Gives a file a name, in place of what has it. */
  readonly rename: (from: string, to: string) => Promise<void>
  /** Gives a file a further name, which must be free: of several that try, one succeeds. */
  readonly link: (from: string, to: string) => Promise<void>
  /** Removes a file; one that is gone is no failure. */
  readonly remove: (path: string) => Promise<void>
  /** Returns when the names in a folder would survive a power cut. */
  readonly syncFolder: (path: string) => Promise<void>
}
