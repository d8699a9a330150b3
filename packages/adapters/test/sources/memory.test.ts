import { expect, test } from 'vitest'
import { blobSource } from '../../src/sources/blob.ts'
import { bufferSource } from '../../src/sources/buffer.ts'
import { error, value } from '../containers/tiff/results.ts'

const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5)

test.each([
  ['buffer', bufferSource(bytes, 'x')],
  ['blob', blobSource(new Blob([bytes]), 'x')],
  ['file', blobSource(new File([bytes], 'x'))]
])('a %s is read in ranges', async (_, source) => {
  expect([source.name, source.size]).toEqual(['x', 6])
  expect([...(await value(source.read(1, 2)))]).toEqual([1, 2])
  expect([...(await value(source.read(4, 9)))]).toEqual([4, 5])
  expect([...(await value(source.read(7, 1)))]).toEqual([])
  for (const [offset, length] of [
    [-1, 2],
    [0, -1],
    [0.5, 1],
    [0, NaN]
  ]) {
    expect((await error(source.read(offset ?? 0, length ?? 0))).code).toBe('file-io')
  }
})

test('nobody changes a buffer through what was read from it', async () => {
  const source = bufferSource(bytes)
  ;(await value(source.read(0, 6))).fill(9)
  expect([...bytes]).toEqual([0, 1, 2, 3, 4, 5])
})

test('a Blob that cannot be read gives an error', async () => {
  const gone = new Blob([bytes])
  Object.defineProperty(gone, 'slice', { value: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) })
  expect((await error(blobSource(gone).read(0, 1))).code).toBe('file-io')
})
