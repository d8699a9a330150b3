import { isBimsError, newError, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { setImmediate } from 'node:timers/promises'
import { batchBytes, gatherBatches, type GatheredBatch, type GatheredPiece } from './batches.ts'
import { newBatchMemory, type BatchMemory } from './threads/batch-memory.ts'
import { newJudge, type Judge, type JudgeOptions } from './judge.ts'
import { newCheckPool, type CheckPool, type PoolFinding } from './threads/check-pool.ts'
import type { AuditReport } from './report.ts'
import type { ChainSource } from './source.ts'

/** How a chain is audited. */
export interface AuditOptions extends Partial<JudgeOptions> {
  readonly source: ChainSource
  /** Name of the BIMS chaincode, whose records are compared with their ids; `bims` where it is not given. */
  readonly chaincode?: string
  /** Threads that verify, this one among them; as many as there are cores where it is not given, none beside this for a chain of a few blocks. */
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Told now and then how many blocks and transactions were audited. */
  readonly onProgress?: (blocks: number, transactions: number) => void
}

/** A batch on its way, in the order of the chain. */
interface Task {
  readonly pieces: readonly GatheredPiece[]
  readonly coming: Promise<PoolFinding>
  finding?: PoolFinding
}

const take = async (judge: Judge, pieces: readonly GatheredPiece[], finding: PoolFinding): Promise<void> => {
  judge.members.met(finding.worker, finding.identities)
  let at = 0
  for (const piece of pieces) {
    if (piece?._tag === 'Damaged') judge.damaged(piece.number, piece.what)
    else if (piece?._tag === 'Unfinished') judge.unfinished(piece.number, piece.what)
    const block = piece === undefined ? finding.blocks[at++] : undefined
    if (block !== undefined) await judge.take(finding, block)
  }
}

const interrupted = (): BimsError =>
  newError('interrupted', 'The audit was stopped.', 'Start it again; nothing of it was kept.')

interface Run {
  readonly options: AuditOptions
  readonly judge: Judge
}

/** Batches on their way: in this thread where there is only one, else in threads. */
interface Traffic {
  readonly send: (gathered: GatheredBatch) => Promise<void>
  /** Waits for all that is on its way. */
  readonly finish: () => Promise<void>
  readonly close: () => Promise<void>
}

const begun = ({ pieces, batch }: GatheredBatch, pool: CheckPool): Task => {
  const handed = pool.hand(batch)
  if (handed === undefined) {
    const finding = pool.check(batch)
    return { pieces, finding, coming: Promise.resolve(finding) }
  }
  const task: Task = { pieces, coming: handed.then(finding => (task.finding = finding)) }
  // A task that fails while another is awaited must not end the process.
  task.coming.catch(() => undefined)
  return task
}

const newTraffic = ({ options, judge }: Run, memory: BatchMemory): Traffic => {
  const tasks: Task[] = []
  let pool = options.threads === 0 ? newCheckPool(memory, 0) : undefined
  let held: GatheredBatch | undefined
  /** Judges what has been found, in the order of the chain; waits only where more than so many batches would be kept. */
  const drain = async (most: number): Promise<void> => {
    for (let task = tasks[0]; task !== undefined; task = tasks[0]) {
      if (task.finding === undefined && tasks.length <= most) return
      await take(judge, task.pieces, await task.coming)
      tasks.shift()
      const { blocks, transactions } = judge.progress()
      options.onProgress?.(blocks, transactions)
    }
  }
  const dispatch = async (gathered: GatheredBatch, to: CheckPool): Promise<void> => {
    tasks.push(begun(gathered, to))
    // Answers of threads, signals and timers come in between two batches that are checked here.
    await setImmediate()
    await drain(to.room * 2 + 2)
  }
  return {
    send: async gathered => {
      // Threads are worth their start only where there is a second batch.
      if (pool === undefined && held === undefined) {
        held = gathered
        return
      }
      pool ??= newCheckPool(memory, options.threads)
      const first = held
      held = undefined
      if (first !== undefined) await dispatch(first, pool)
      await dispatch(gathered, pool)
    },
    finish: async () => {
      if (held !== undefined) await dispatch(held, newCheckPool(memory, 0))
      await drain(0)
    },
    close: async () => pool?.close()
  }
}

const runAll = async (run: Run): Promise<void> => {
  const { chaincode = 'bims', signal, source } = run.options
  // Room for a block more than a batch wants, and for its signatures.
  const memory = newBatchMemory(batchBytes * 4)
  const traffic = newTraffic(run, memory)
  try {
    for await (const gathered of gatherBatches(source, { chaincode, memory })) {
      if (signal?.aborted === true) throw interrupted()
      await traffic.send(gathered)
    }
    await traffic.finish()
  } finally {
    await traffic.close()
  }
}

/**
 * Audits a chain from its first block: hash links, data hashes, orderers' and endorsers' signatures, certificate chains,
 * transaction ids, endorsement policies, versions of what was read, validation flags, commit hashes, and the ids of all
 * BIMS records. Everything that is wrong is in the report; only a chain that cannot be read on fails, with the error of
 * its source, or with `interrupted`.
 *
 * @example
 * ```ts
 * import { parsePem } from '@bims/core'
 * import { auditChain, blocksInFolder } from '@bims/ledger'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { readFile } from 'node:fs/promises'
 *
 * const roots = parsePem(await readFile('consortium-roots.pem', 'utf8'))
 * if (isRight(roots)) {
 *   const trust = roots.right.map(certificate => ({ certificate }))
 *   const report = await auditChain({ source: blocksInFolder('./backup/blocks'), trust })()
 *   if (isRight(report)) console.log(report.right.ok, report.right.problems)
 * }
 * ```
 */
export const auditChain =
  (options: AuditOptions): TaskEither<BimsError, AuditReport> =>
  async () => {
    const { channel, trust = [], revocations = [], seen = [], seenBlock } = options
    const judge = newJudge({
      trust,
      revocations,
      seen,
      ...(channel !== undefined && { channel }),
      ...(seenBlock !== undefined && { seenBlock })
    })
    try {
      await runAll({ options, judge })
      return E.right(judge.finish())
    } catch (thrown) {
      return E.left(
        isBimsError(thrown)
          ? thrown
          : newError('unexpected', `The audit failed: ${String(thrown)}`, 'Please report this.', { cause: thrown })
      )
    }
  }
