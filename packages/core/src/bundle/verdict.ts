/** What is checked. */
export const checkNames = ['pixels', 'manifest', 'redaction', 'signature', 'ledger', 'receipt'] as const

/** What is checked. */
export type CheckName = (typeof checkNames)[number]

/** One check of a file and its bundle. */
export interface Check {
  readonly name: CheckName
  readonly status: 'pass' | 'fail' | 'not-checked'
  /** In plain words, what was found or why it was not looked at. */
  readonly why: string
}

/** Makes a {@link Check}. */
export const newCheck = (name: CheckName, status: Check['status'], why: string): Check => ({ name, status, why })

/** Who vouches for a file. */
export type Trust =
  /** Endorsements of two or more organisations, none of an embedded ledger. */
  | 'consortium'
  /** A signature under a given root. */
  | 'single-party'
  | 'none'

/** What verifying a file comes to. */
export interface Verdict {
  readonly verdict: 'verified' | 'failed' | 'incomplete'
  readonly trust: Trust
  readonly checks: readonly Check[]
}

/** What a verdict must rest on, besides pixels, manifest and signature. */
export interface Expectations {
  /** The manifest names a macro. */
  readonly macro: boolean
  /** A network was given to look the records up. */
  readonly network: boolean
  /** The bundle holds a receipt. */
  readonly receipt: boolean
}

const neededChecks = ({ macro, network, receipt }: Expectations): readonly CheckName[] => {
  const more: readonly (readonly [CheckName, boolean])[] = [
    ['redaction', macro],
    ['ledger', network],
    ['receipt', receipt]
  ]
  return ['pixels', 'manifest', 'signature', ...more.filter(([, counts]) => counts).map(([name]) => name)]
}

/**
 * The verdict over checks: `failed` where any fails; `verified` where all that count pass; else `incomplete`.
 * `signedUnderRoot` tells that the manifest's signature leads to a root that the verifier gave, `consortium` that a
 * receipt bears valid endorsements of two or more organisations, none marked as embedded.
 */
export const verdictOf = (
  checks: readonly Check[],
  expect: Expectations,
  signedUnderRoot: boolean,
  consortium = false
): Verdict => {
  const passes = (name: CheckName): boolean => checks.some(check => check.name === name && check.status === 'pass')
  const needed = neededChecks(expect)
  const failed = checks.some(check => check.status === 'fail')
  const trust = consortium ? 'consortium' : signedUnderRoot ? 'single-party' : 'none'
  const passed = needed.every(passes) && signedUnderRoot
  return failed
    ? { verdict: 'failed', trust: 'none', checks }
    : { verdict: passed ? 'verified' : 'incomplete', trust, checks }
}
