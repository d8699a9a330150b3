import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { scanBlocks } from '../../src/embedded/block-scan.ts'
import { newBlockLocations } from '../../src/embedded/block-locations.ts'
import { openBlockStore } from '../../src/embedded/block-store.ts'
import { frame, frameHeadBytes, readFrameHead } from '@bims/ledger/blocks'

let base: string
let folders = 0
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'bims-blocks-'))
})
afterAll(() => rm(base, { recursive: true }))
const folder = (): string => join(base, String(folders++))
const scan = (bytes: Buffer, committed: number, last = true): ReturnType<typeof scanBlocks> =>
  scanBlocks({ file: 0, bytes, from: 0, number: 0, committed, last })
const corrupt = expect.objectContaining({ code: 'network-corrupt' })

describe('openBlockStore', () => {
  it('gives back what was appended, over several files and after opening again, with and without the index', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 12 }),
        async blocks => {
          const dir = folder()
          const store = await openBlockStore({ dir, known: newBlockLocations(), fileBytes: 600 })
          const known = []
          for (const block of blocks) known.push(await store.append(block))
          await store.close()
          for (const locations of [known, [], known.slice(0, 2)]) {
            const again = await openBlockStore({
              dir,
              known: newBlockLocations(locations),
              fileBytes: 600,
              checkedTailBytes: 300
            })
            expect(again.height()).toBe(blocks.length)
            for (const [i, block] of blocks.entries()) expect(await again.read(i)).toEqual(Buffer.from(block))
            await again.close()
          }
        }
      ),
      { numRuns: 25 }
    )
  })

  it('checks a block that it reads, also one before the tail that is checked at start', async () => {
    const dir = folder()
    const store = await openBlockStore({ dir, known: newBlockLocations() })
    const known = [await store.append(Buffer.alloc(1000, 1)), await store.append(Buffer.alloc(1000, 2))]
    await store.close()
    const path = join(dir, 'blocks-000000')
    const bytes = await readFile(path)
    bytes[500] = 9
    await writeFile(path, bytes)
    const lazy = await openBlockStore({ dir, known: newBlockLocations(known), checkedTailBytes: 10 })
    await expect(lazy.read(0)).rejects.toEqual(corrupt)
    expect(await lazy.read(1)).toHaveLength(1000)
    await lazy.close()
    await expect(openBlockStore({ dir, known: newBlockLocations(known) })).rejects.toEqual(corrupt)
  })

  it('refuses a file that is missing in the middle', async () => {
    const dir = folder()
    const store = await openBlockStore({ dir, known: newBlockLocations(), fileBytes: 100 })
    for (let i = 0; i < 3; i++) await store.append(Buffer.alloc(90, i))
    await store.close()
    await rm(join(dir, 'blocks-000001'))
    await expect(openBlockStore({ dir, known: newBlockLocations() })).rejects.toEqual(corrupt)
  })
})

describe('scanBlocks', () => {
  const blocks = [Buffer.alloc(120, 7), Buffer.from('second'), Buffer.alloc(60, 9)]
  const whole = Buffer.concat(blocks.map((block, i) => frame(i, block)))

  it('finds every changed bit of committed blocks', () => {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
      expect(() => scan(bytes, 3)).toThrow(corrupt)
    }
  })

  it('finds every changed bit also where nothing tells that the last block was committed', () => {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
      expect(() => scan(bytes, 0)).toThrow(corrupt)
    }
  })

  it('takes every prefix as a torn write, down to the last whole block', () => {
    let ends = 0
    blocks.forEach((block, i) => {
      const next = ends + frameHeadBytes + block.length
      for (let length = ends; length < next; length++)
        expect(scan(whole.subarray(0, length), 0)).toMatchObject({ end: ends, found: { length: i } })
      ends = next
    })
  })

  it('takes a prefix as torn only in the last file and only past what was committed', () => {
    const cut = whole.subarray(0, whole.length - 5)
    expect(scan(cut, 2).found).toHaveLength(2)
    expect(() => scan(cut, 3)).toThrow(corrupt)
    expect(() => scan(cut, 0, false)).toThrow(corrupt)
  })

  it('takes pages that were never written, and so are zeros, as a torn write', () => {
    const big = Buffer.concat([whole, frame(3, Buffer.alloc(5000, 5))])
    big.fill(0, big.length - 4096)
    expect(scan(big, 3)).toMatchObject({ end: whole.length })
    expect(scan(Buffer.concat([whole, Buffer.alloc(4096)]), 3)).toMatchObject({ end: whole.length })
  })

  it('takes sectors that were never written, wherever they are, as a torn write, unless another block follows', () => {
    const start = whole.length
    const block = Buffer.alloc(3000, 5)
    const big = Buffer.concat([whole, frame(3, block)])
    for (let sector = Math.floor(start / 512); sector * 512 < big.length; sector++) {
      const holed = Buffer.from(big)
      holed.fill(0, Math.max(start, sector * 512), Math.min(big.length, (sector + 1) * 512))
      expect(scan(holed, 3)).toMatchObject({ end: start })
      expect(() => scan(holed, 4)).toThrow(corrupt)
      expect(() => scan(Buffer.concat([holed, frame(4, block)]), 3)).toThrow(corrupt)
    }
  })

  it('refuses a block out of its turn', () => {
    expect(() => scan(Buffer.concat([frame(0, blocks[0]!), frame(2, blocks[1]!)]), 0)).toThrow(corrupt)
  })

  it('never believes a head that is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(readFrameHead(Buffer.from(bytes))).toBeUndefined()
      })
    )
  })
})
