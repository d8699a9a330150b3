import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ledgerKey, seenHeight } from '../../src/height/seen-height.ts'
import { MemoryFileSystem } from '../stub/memory-file-system.ts'
import { expectLeft, expectRight } from '../stub/records.ts'

const profile = { channel: 'bims', organizations: [] }

it('remembers the greatest block, over several processes, and tells a ledger that ends before it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-seen-'))
  const one = seenHeight(dir, profile)
  const other = seenHeight(dir, profile)
  expect(expectRight(await one.block()())).toBeUndefined()
  expectRight(await one.note(7)())
  await Promise.all([5, 12, 12, 9, 11].map((block, i) => (i % 2 === 0 ? one : other).note(block)()))
  expect(expectRight(await other.block()())).toBe(12)
  expectRight(await one.check(13)())
  expect(await readdir(join(dir, 'seen', ledgerKey(profile)))).toEqual(['block-13'])
  const error = expectLeft(await other.check(12)())
  expect(error).toMatchObject({ code: 'ledger-shortened', _tag: 'Mismatch' })
  expect(error.what).toContain('block 12')
  expect(error.what).toContain('block 13')
  expectRight(await seenHeight(dir, { ...profile, channel: 'another' }).check(0)())
  await rm(dir, { recursive: true })
})

it('never forgets a block that it acknowledged, wherever a kill or a power cut comes', async () => {
  for (let after = 0; after < 12; after++) {
    for (const kept of [0, 0.5, 1]) {
      const disk = new MemoryFileSystem()
      expectRight(await seenHeight('/d', profile, disk.files).note(3)())
      disk.inject({ after, code: 'kill', torn: 0 })
      const noted = await seenHeight('/d', profile, disk.files).note(8)()
      disk.inject(undefined)
      disk.powerCut(() => kept)
      const block = expectRight(await seenHeight('/d', profile, disk.files).block()())
      expect(noted._tag === 'Right' ? [8] : [3, 8]).toContain(block)
    }
  }
})
