/**
 * Every error of BIMS is a value of one shape: a stable {@link BimsErrorCode}, what happened, and what to do.
 * The table below is the only place where codes are born; the page docs/errors.md is generated from it.
 */

/** What a kind of error means for whoever meets it; it decides the exit code of the program `bims`. */
export type BimsErrorTag =
  /** Input that is not what it should be: bytes, a file, a log, a flag. */
  | 'Malformed'
  /** Understood, but outside what this version does. */
  | 'Unsupported'
  /** Well-formed, but not allowed: permission, role, an output that exists. */
  | 'Refused'
  /** Something named does not exist. */
  | 'Missing'
  /** The machine failed: disk full, read error. */
  | 'Io'
  /** Cannot be answered now; the same call may succeed later. */
  | 'Unavailable'
  /** Two things that should agree do not. */
  | 'Mismatch'
  /** Stopped on request. */
  | 'Interrupted'

/** Every code with its tag and its meaning. A code is never renamed or reused within a major version. */
export const errorCodes = {
  // core: values and records
  'json-syntax': ['Malformed', 'The bytes are not JSON text in UTF-8.'],
  'json-bounds': ['Malformed', 'The JSON is larger or deeper than its kind allows.'],
  'json-value': [
    'Malformed',
    'A value lies outside the value domain (non-finite number, lone surrogate, reserved name).'
  ],
  'json-not-canonical': ['Malformed', 'The bytes differ from their own canonical form (RFC 8785).'],
  'record-schema': ['Malformed', 'The record does not have the form of its schema.'],
  'record-major': ['Unsupported', 'The schema has a major version that this program does not know.'],
  'record-too-large': [
    'Malformed',
    'A record is larger than 256 KiB in canonical form, or nests deeper than 64 levels.'
  ],
  'record-id': ['Mismatch', 'A record does not have the id under which it was asked for.'],
  'withheld-opening': ['Mismatch', 'An opening does not match the withheld value.'],
  'attachment-digest': ['Mismatch', 'The bytes of an attachment do not match its digest.'],
  'proof-invalid': ['Mismatch', 'A Merkle proof does not lead to its root.'],
  'signature-invalid': ['Mismatch', 'A signature does not match what it is over.'],
  'certificate-invalid': ['Malformed', 'A certificate cannot be read or does not lead to a given root.'],
  'receipt-invalid': ['Mismatch', 'A receipt does not prove that the record stands on the ledger.'],
  'digest-shape': ['Malformed', 'The pixels given do not have the shape and type that were announced.'],
  'unit-unknown': ['Malformed', 'The unit is not a UCUM unit.'],
  // containers
  'container-unknown': ['Unsupported', 'No container format recognises the file.'],
  'tiff-malformed': ['Malformed', 'The TIFF structure is damaged: truncated, cyclic, or with counts that cannot be.'],
  'tiff-unsupported': ['Unsupported', 'The TIFF uses a layout or compression that cannot be decoded here.'],
  'tiff-cannot-grow': ['Unsupported', 'The TIFF cannot take an embedded bundle; a sidecar is used.'],
  'bundle-missing': ['Missing', 'The file carries no bundle.'],
  'bundle-foreign': ['Malformed', 'What stands in the place of the bundle is not a BIMS bundle.'],
  // instruments
  'native-malformed': ['Malformed', 'The native metadata cannot be parsed.'],
  // logs, macros
  'log-not-python': ['Malformed', 'The log does not parse as Python.'],
  'log-grammar': ['Malformed', 'The log is Python, but not of the form docs/spec/log.md describes.'],
  'log-unknown': ['Unsupported', 'No host adapter recognises the log.'],
  'macro-invalid': ['Malformed', 'The macro contradicts itself: an unknown value, a doubled index.'],
  'output-unknown': ['Missing', 'The log makes no image of that name.'],
  'no-macro': ['Missing', 'The file carries no macro.'],
  // player
  'operation-unknown': ['Unsupported', 'The executor does not know the operation.'],
  'operation-parameters': ['Malformed', 'The operation was given parameters it does not take.'],
  'operation-failed': ['Malformed', 'The operation refused its input or failed while it ran.'],
  'executor-unavailable': ['Unsupported', 'The executor is not part of this version.'],
  'input-missing': ['Missing', 'An input of the macro was not given.'],
  'input-mismatch': ['Mismatch', 'An input does not meet the preconditions of the macro.'],
  // files and identities
  'file-missing': ['Missing', 'There is no such file.'],
  'file-permission': ['Refused', 'The file may not be read or written.'],
  'file-exists': ['Refused', 'The output exists already.'],
  'disk-full': ['Io', 'There is no room left on the disk.'],
  'file-io': ['Io', 'Reading or writing a file failed.'],
  'identity-malformed': ['Malformed', 'The identity file does not hold a certificate chain and a PKCS#8 key.'],
  'identity-missing': ['Missing', 'There is no such identity.'],
  // ledger and network
  'ledger-unreachable': ['Unavailable', 'No peer of the ledger answers.'],
  'ledger-refused': ['Refused', 'The ledger refused the transaction.'],
  'ledger-timeout': [
    'Unavailable',
    'The ledger did not answer in time; the outcome is unknown and will be asked again.'
  ],
  'ledger-shortened': ['Mismatch', 'The ledger ends before a block that was seen on it.'],
  'transaction-malformed': ['Malformed', 'The argument or the transient data of a transaction is not what it takes.'],
  'transaction-too-large': ['Malformed', 'A transaction is larger than the network takes.'],
  'ledger-not-found': ['Missing', 'The ledger holds no such record.'],
  'collection-missing': [
    'Missing',
    "The chaincode's definition on the channel has no collection for restricted records of the organisation."
  ],
  'ledger-unsupported': ['Unsupported', 'This version of the ledger does not do that yet.'],
  'role-refused': ['Refused', 'The role of the identity does not allow this.'],
  'outbox-corrupt': ['Malformed', 'The outbox holds an entry that cannot be read.'],
  'outbox-locked': ['Refused', 'Another process works on this outbox.'],
  'profile-malformed': ['Malformed', 'The network profile cannot be read.'],
  'network-locked': ['Refused', 'Another process runs on this network folder.'],
  'network-corrupt': ['Malformed', 'The files of the embedded ledger are damaged beyond a torn tail.'],
  'network-port-taken': ['Refused', 'A port at which the network is to listen is taken.'],
  'fabric-missing': ['Missing', 'A program of Hyperledger Fabric is not found, or is of a release that is not known.'],
  'fabric-failed': ['Io', 'A program of Hyperledger Fabric did not start, or refused what it was given.'],
  'network-not-running': ['Unavailable', 'No network runs in this folder.'],
  // the program
  usage: ['Malformed', 'The command was called with the wrong words.'],
  interrupted: ['Interrupted', 'Stopped on request.'],
  unexpected: ['Io', 'Something failed that no code foresees; please report it.']
} as const satisfies Record<string, readonly [BimsErrorTag, string]>

/** A stable error code. */
export type BimsErrorCode = keyof typeof errorCodes

/** One place where an input is wrong. */
export interface Issue {
  /** Where: a JSON path, a line of a log, a tag of a TIFF. */
  readonly at: string
  /** What is wrong there. */
  readonly what: string
}

/** The one error type of BIMS. */
export interface BimsError {
  /** What kind of trouble it is. */
  readonly _tag: BimsErrorTag
  /** Which trouble exactly; stable. */
  readonly code: BimsErrorCode
  /** What happened, in a sentence. */
  readonly what: string
  /** What to do about it. */
  readonly advice: string
  /** All the places that are wrong, where there are several. */
  readonly issues?: readonly Issue[]
  /** The error of a foreign library behind it. */
  readonly cause?: unknown
}

/** Makes a {@link BimsError}; the tag follows from the code. */
export const newError = (
  code: BimsErrorCode,
  what: string,
  advice: string,
  more: { readonly issues?: readonly Issue[]; readonly cause?: unknown } = {}
): BimsError => ({ _tag: errorCodes[code][0], code, what, advice, ...more })

/** Tells whether a value, for instance one that was caught, is a {@link BimsError}. */
export const isBimsError = (u: unknown): u is BimsError =>
  typeof u === 'object' &&
  u !== null &&
  'code' in u &&
  'what' in u &&
  'advice' in u &&
  '_tag' in u &&
  typeof u.code === 'string' &&
  Object.hasOwn(errorCodes, u.code)
