import { expect, test } from 'vitest'
import { containers, detectContainer } from '../../src/containers/registry.ts'
import { bufferSource } from '../../src/sources/buffer.ts'
import { newFixture, noisePage } from './tiff/fixture.ts'
import { error, value } from './tiff/results.ts'

test('finds the format by the first bytes, and loads it', async () => {
  const bytes = newFixture([noisePage(4, 4)])
  const found = await value(detectContainer(bufferSource(bytes, 'no-suffix')))
  expect([found.format, found.title]).toEqual(['tiff', 'TIFF, BigTIFF and OME-TIFF'])
  expect(found.recognises(bytes.slice(0, 16), 'x')).toBe(true)
})

test('a file of no known format is said to be one', async () => {
  for (const bytes of [
    new Uint8Array(),
    Uint8Array.of(0x49),
    new TextEncoder().encode('hello, this is text'),
    new Uint8Array(100)
  ]) {
    expect((await error(detectContainer(bufferSource(bytes, 'a.tif')))).code).toBe('container-unknown')
  }
})

test('each entry agrees with the container that it loads', async () => {
  for (const { format, load } of containers) expect((await load()).format).toBe(format)
})
