import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newSha256, sha256, toHex, utf8 } from '@bims/core'
import { newSha256 as newInBrowser } from '../../src/hash/sha256-browser.ts'
import { newSha256 as newInNode } from '../../src/hash/sha256-node.ts'

it('gives the examples of FIPS 180-4', () => {
  expect(toHex(sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(toHex(sha256(utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
  )
})

it('is the same in Node and in a browser, in one part or many', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), parts => {
      const whole = newSha256()
        .update(Uint8Array.from(parts.flatMap(part => [...part])))
        .digest()
      expect(sha256(...parts)).toEqual(whole)
      for (const start of [newInBrowser, newInNode]) {
        const hash = start()
        for (const part of parts) hash.update(part)
        const digest = hash.digest()
        expect(digest).toEqual(whole)
        expect(digest.constructor).toBe(Uint8Array)
      }
    })
  )
})
