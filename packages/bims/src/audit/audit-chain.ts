import { newError, parsePem } from '@bims/core'
import type { AuditReport, BlockMark, ChainSource, TrustedRoot } from '@bims/ledger'
import type { Profile } from '@bims/ledger/profile'
import { join, resolve } from 'node:path'
import type { Watch } from '../files/open-image.ts'
import type { IdentityOptions } from '../identity/identity.ts'
import { defaultFolder, findProfile } from '../identity/network-profile.ts'
import { readRevocations } from '../identity/revocations.ts'
import { readRoots } from '../identity/roots.ts'
import { promised, value } from '../promise.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'

/** How a chain is audited. */
export interface AuditOptions extends IdentityOptions, Watch {
  /** Folder with blocks: of an embedded ledger, of a peer, or one serialized block a file. A peer is asked where none is given. */
  readonly blocks?: string
  /** Files with root certificates (PEM), beside those of the network's profile. */
  readonly trust?: readonly string[]
  /** Files with certificate revocation lists. */
  readonly revocations?: readonly string[]
  /** Name of the channel; that of the profile, or of the first block. */
  readonly channel?: string
  /** Name of the BIMS chaincode; that of the profile, or `bims`. */
  readonly chaincode?: string
  /** Blocks that were seen before, by number and hash. */
  readonly seen?: readonly BlockMark[]
  /** Threads that verify; as many as there are cores. */
  readonly threads?: number
  /** Folder in which is remembered how far the ledger was seen: that of the outbox. */
  readonly outbox?: string
}

const rootsOf = (profile: Profile): readonly TrustedRoot[] =>
  profile.organizations.flatMap(({ mspId, mspRoots }) =>
    mspRoots.flatMap(pem => value(parsePem(pem)).map(certificate => ({ certificate, mspId })))
  )

const folderOf = (outbox: string | undefined): string =>
  outbox === undefined ? join(resolve(defaultFolder), 'outbox') : resolve(outbox)

interface Chain {
  readonly source: ChainSource
  readonly close: () => Promise<void>
}

const chainOf = async (options: AuditOptions): Promise<Chain> => {
  if (options.blocks !== undefined) {
    const { blocksInFolder } = await import('@bims/ledger')
    return { source: blocksInFolder(options.blocks), close: () => Promise.resolve() }
  }
  const access: LedgerAccess = await ledgerOf(options)
  const ledger = await access.open()
  return {
    source: ledger.chain(options.signal === undefined ? {} : { signal: options.signal }),
    close: access.close
  }
}

/** What a client remembers of a ledger between audits; nothing where there is no profile to know the ledger by. */
interface Memory {
  readonly marks: readonly BlockMark[]
  readonly block: number | undefined
  readonly keep: (report: AuditReport) => Promise<void>
}

const noMemory: Memory = { marks: [], block: undefined, keep: () => Promise.resolve() }

const memoryOf = async (profile: Profile | undefined, outbox: string | undefined): Promise<Memory> => {
  if (profile === undefined) return noMemory
  const { auditedBlocks, seenHeight } = await import('@bims/ledger')
  const folder = folderOf(outbox)
  const [seen, audited] = [seenHeight(folder, profile), auditedBlocks(folder, profile)]
  return {
    marks: await promised(audited.read()),
    block: await promised(seen.block()),
    keep: async ({ first, last, ok }) => {
      // Only what was found to be right is worth remembering.
      if (!ok || first === undefined || last === undefined) return
      await promised(audited.keep([first, last]))
      await promised(seen.note(last.block))
    }
  }
}

const settingsOf = async (
  options: AuditOptions,
  profile: Profile | undefined
): Promise<{ readonly trust: readonly TrustedRoot[]; readonly channel?: string; readonly chaincode?: string }> => {
  const given = (await readRoots(options.trust ?? [])).map(certificate => ({ certificate }))
  const channel = options.channel ?? profile?.channel
  const chaincode = options.chaincode ?? profile?.chaincode
  return {
    trust: [...(profile === undefined ? [] : rootsOf(profile)), ...given],
    ...(channel !== undefined && { channel }),
    ...(chaincode !== undefined && { chaincode })
  }
}

const checkThreads = ({ threads }: AuditOptions): void => {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 0 && threads <= 256))
    throw newError('usage', `${threads} is no number of threads.`, 'Give a number from 0 to 256.')
}

/**
 * Audits the ledger: reads the whole chain from a peer, or from a folder of blocks, and computes everything anew. The
 * roots are those of the network's profile and those that are given. What is wrong is in the report; a chain that was
 * found right is remembered, so that one that is cut short or exchanged later is found out.
 * Rejects with `ledger-unreachable`, `ledger-refused`, `file-missing`, `certificate-invalid`, `interrupted`.
 *
 * @example
 * ```ts
 * import { auditLedger } from 'bims'
 *
 * const report = await auditLedger({ network: './lab' })
 * for (const { block, kind, what } of report.problems) console.log(block, kind, what)
 * ```
 */
export const auditLedger = async (options: AuditOptions = {}): Promise<AuditReport> => {
  checkThreads(options)
  const { auditChain } = await import('@bims/ledger')
  const profile = (await findProfile(options.network))?.profile
  const settings = await settingsOf(options, profile)
  const revocations = await readRevocations(options.revocations ?? [])
  const memory = await memoryOf(profile, options.outbox)
  const chain = await chainOf(options)
  try {
    const report = await promised(
      auditChain({
        source: chain.source,
        ...settings,
        revocations,
        seen: [...memory.marks, ...(options.seen ?? [])],
        ...(memory.block !== undefined && { seenBlock: memory.block }),
        ...(options.threads !== undefined && { threads: options.threads }),
        ...(options.signal !== undefined && { signal: options.signal }),
        onProgress: (blocks, transactions) =>
          options.onProgress?.(`audited ${blocks} blocks, ${transactions} transactions`)
      })
    )
    await memory.keep(report)
    return report
  } finally {
    await chain.close()
  }
}
