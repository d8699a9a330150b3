import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openCheckpoint } from '@bims/ledger'
import type { DeliveredBlock, Ledger } from '@bims/ledger'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { newMacro, openAs, right } from './open.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let dir: string
let network: EmbeddedNetwork
let alice: Ledger
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-streams-'))
  network = await startEmbedded({ dir: join(dir, 'network') })
  alice = await openAs(network.profileFile, 'org1/alice')
})
afterAll(async () => {
  alice.close()
  await network.close()
  await rm(dir, { recursive: true })
})

const submit = async (...words: readonly (string | number)[]): Promise<number> =>
  right(await alice.submit([newMacro(...words)])())[0]?.block ?? -1

/** Numbers of the blocks that come until one is reached. */
const until = async (blocks: AsyncIterable<E.Either<unknown, DeliveredBlock>>, last: number): Promise<number[]> => {
  const numbers: number[] = []
  for await (const block of blocks) {
    numbers.push(right(block).number)
    if (numbers.at(-1) === last) break
  }
  return numbers
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('blocks', () => {
  it('come once each, over a restart of the peer', async () => {
    const last = await submit('first')
    const blocks = alice.blocks({ from: 0 })
    expect(await blocks.next()).toMatchObject({ value: { right: { number: 0 } } })
    await network.close()
    const rest: number[] = []
    const reading = (async () => {
      for await (const block of blocks) {
        rest.push(right(block).number)
        if (rest.length === last + 2) break
      }
    })()
    await new Promise(resolve => setTimeout(resolve, 300))
    network = await startEmbedded({ dir: join(dir, 'network') })
    const reopened = alice
    alice = await openAs(network.profileFile, 'org1/alice')
    await submit('after the restart')
    await submit('and another')
    await reading
    reopened.close()
    expect(rest).toEqual(range(1, last + 2))
  })

  it('go on behind a checkpoint on the disk, dealt with once they are left', async () => {
    const file = join(dir, 'checkpoint')
    const first = await submit('one')
    const checkpoint = right(await openCheckpoint(file)())
    expect(await until(alice.blocks({ from: first - 1, checkpoint }), first)).toEqual([first - 1, first])
    // The last one was not left by asking for another: it comes again to whoever begins anew.
    const second = await submit('two')
    const again = right(await openCheckpoint(file)())
    expect(again.position()).toEqual({ block: first })
    expect(await until(alice.blocks({ checkpoint: again }), second)).toEqual([first, second])
  })

  it('end at the signal, and at once where the ledger refuses', async () => {
    const abort = new AbortController()
    const seen: number[] = []
    setTimeout(() => abort.abort(), 200)
    for await (const block of alice.blocks({ from: 0, signal: abort.signal })) seen.push(right(block).number)
    expect(seen).toEqual(range(0, network.height() - 1))
    const stranger = await openAs(network.profileFile, 'org1/alice', {
      organization: 'org2',
      endpoint: network.profile.organizations[0]!.peers[0]!.endpoint,
      profile: {
        ...network.profile,
        organizations: [
          network.profile.organizations[0]!,
          { ...network.profile.organizations[1]!, tlsRoot: network.profile.organizations[0]!.tlsRoot }
        ]
      }
    })
    const items = []
    for await (const item of stranger.blocks({ from: 0 })) items.push(item)
    stranger.close()
    expect(items).toMatchObject([{ left: { code: 'ledger-refused' } }])
  })
})
