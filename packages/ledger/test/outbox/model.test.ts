import { describe, expect, it } from 'vitest'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import type { ProcessIdentity } from '../../src/file/process-identity.ts'
import { deliver } from '../../src/outbox/delivery.ts'
import { openOutbox, type Outbox, type OutboxSystem } from '../../src/outbox/outbox.ts'
import { MemoryFileSystem, type Fault } from '../stub/memory-file-system.ts'
import { ModelLedger, type NetworkFault } from '../stub/model-ledger.ts'
import { expectRight, newRecord } from '../stub/records.ts'

/** What a user and the world do. */
type Action =
  | { readonly do: 'enqueue'; readonly count: number; readonly fault?: Fault }
  | { readonly do: 'deliver'; readonly network: readonly NetworkFault[]; readonly fault?: Fault }
  | { readonly do: 'power-cut'; readonly keep: readonly number[] }
  | { readonly do: 'set-clock'; readonly by: number }

const fault: fc.Arbitrary<Fault> = fc.record({
  after: fc.nat(40),
  code: fc.constantFrom('kill' as const, 'kill' as const, 'ENOSPC' as const, 'EIO' as const),
  torn: fc.double({ min: 0, max: 1, noNaN: true })
})
const network = fc.array(fc.constantFrom<NetworkFault>('fine', 'fine', 'away', 'lost', 'conflict'), { maxLength: 8 })
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record(
    { do: fc.constant('enqueue' as const), count: fc.integer({ min: 1, max: 7 }), fault },
    { requiredKeys: ['do', 'count'] }
  ),
  fc.record({ do: fc.constant('deliver' as const), network, fault }, { requiredKeys: ['do', 'network'] }),
  fc.record({
    do: fc.constant('power-cut' as const),
    keep: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 })
  }),
  fc.record({ do: fc.constant('set-clock' as const), by: fc.integer({ min: -1e10, max: 1e10 }) })
)

class World {
  readonly disk = new MemoryFileSystem()
  readonly ledger = new ModelLedger()
  readonly acknowledged: string[] = []
  #pid = 1
  #record = 0
  #clock = Date.UTC(2026, 0)

  #system(): OutboxSystem {
    const self: ProcessIdentity = { host: 'h', boot: 'b', pid: this.#pid, start: '' }
    return {
      files: this.disk.files,
      processes: { self: () => self, mayRun: other => other.pid === this.#pid },
      now: () => Math.max(0, ++this.#clock)
    }
  }

  async outbox(): Promise<E.Either<unknown, Outbox>> {
    return openOutbox('/outbox', this.#system())()
  }

  async #asProcess(given: Fault | undefined, act: (outbox: Outbox) => Promise<void>): Promise<void> {
    this.#pid++
    this.disk.inject(given)
    const outbox = await this.outbox()
    if (E.isRight(outbox)) await act(outbox.right)
    this.disk.inject(undefined)
    this.#pid++
  }

  async run(step: Action): Promise<void> {
    if (step.do === 'set-clock') this.#clock += step.by
    else if (step.do === 'power-cut') {
      let i = 0
      this.disk.powerCut(() => step.keep[i++ % step.keep.length] ?? 0)
    } else if (step.do === 'enqueue') {
      await this.#asProcess(step.fault, async outbox => {
        const records = Array.from({ length: step.count }, () => newRecord(this.#record++))
        const queued = await outbox.enqueue(records)()
        if (E.isRight(queued)) this.acknowledged.push(...queued.right.map(({ id }) => id))
      })
    } else {
      this.ledger.script(step.network)
      await this.#asProcess(step.fault, async outbox => void (await deliver({ outbox, ledger: this.ledger.ledger })()))
      this.ledger.script([])
    }
  }
}

describe('the outbox, whatever happens', () => {
  it('delivers every acknowledged record in exactly one transaction, and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async actions => {
        const world = new World()
        for (const step of actions) await world.run(step)
        const outbox = expectRight(await world.outbox())
        const delivery = expectRight(await deliver({ outbox, ledger: world.ledger.ledger })())
        expect(delivery.problems).toEqual([])
        expect(new Set(delivery.records.map(({ status }) => status))).toEqual(
          new Set(delivery.records.length > 0 ? ['committed'] : [])
        )
        for (const id of world.acknowledged) expect(world.ledger.committed.get(id)).toHaveLength(1)
        for (const transactions of world.ledger.committed.values()) expect(transactions).toHaveLength(1)
        expect(expectRight(await outbox.backlog()())).toEqual({
          records: 0,
          entries: 0,
          transactions: 0,
          attachments: 0,
          refused: [],
          corrupt: []
        })
      }),
      { numRuns: 1500 }
    )
  }, 60_000)

  it('leaves nothing half-written where the disk is full, and goes on when there is room', async () => {
    for (let after = 0; after < 20; after++) {
      const disk = new MemoryFileSystem()
      const outbox = expectRight(
        await openOutbox('/outbox', {
          files: disk.files,
          processes: { self: () => ({ host: '', boot: '', pid: 1, start: '' }), mayRun: () => false },
          now: () => 0
        })()
      )
      disk.inject({ after, code: 'ENOSPC', torn: 0.5 })
      const queued = await outbox.enqueue([newRecord(1)])()
      if (E.isRight(queued)) return
      expect(queued.left.code).toBe('disk-full')
      expect(disk.paths().filter(path => path.includes('.new-'))).toEqual([])
      disk.inject(undefined)
      expectRight(await outbox.enqueue([newRecord(1)])())
    }
    expect.unreachable('the fault was never passed by')
  })
})
