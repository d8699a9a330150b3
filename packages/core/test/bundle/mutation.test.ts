import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  bundleBytes,
  checkManifest,
  checkPixels,
  checkRedaction,
  checkSignatures,
  errorCodes,
  parseBundle,
  verdictOf,
  type Certificate,
  type ManifestImage,
  type Verdict
} from '@bims/core'
import { endOfSigned } from '../fixtures/certificates.ts'
import { inExampleFile, newExampleBundle } from '../fixtures/example-bundle.ts'
import { maskDigests } from '../fixtures/example-log.ts'
import { comment, native } from '../fixtures/example-records.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Path = readonly (string | number)[]

const image: ManifestImage = {
  name: '0',
  series: 0,
  role: 'data',
  axes: ['y', 'x'],
  shape: [4, 6],
  dtype: 'uint8',
  ...maskDigests
}

let bytes: Uint8Array
let example: Json
let root: Certificate
beforeAll(async () => {
  const made = await newExampleBundle()
  bytes = bundleBytes(made.bundle, { length: 1000, firstDirectory: 8 })
  example = JSON.parse(new TextDecoder().decode(bytes)) as Json
  root = made.root.certificate
})

/** What reading and verifying come to: the code of an error, or the verdict. */
const verify = async (changed: Uint8Array): Promise<string | Verdict> => {
  const read = parseBundle(changed)
  if (E.isLeft(read)) return read.left.code
  const signature = await checkSignatures(read.right, [root])
  const checks = [
    checkPixels(read.right, [image]),
    await checkManifest(read.right, inExampleFile),
    checkRedaction(read.right),
    signature.check
  ]
  return verdictOf(
    checks,
    {
      macro: read.right.bundle.manifest.macro !== undefined,
      network: false,
      receipt: read.right.bundle.receipts.length > 0
    },
    signature.signedUnderRoot
  )
}

/**
 * The error, the verdict, or what is told although it is no failure: that a signature over another record than the
 * manifest leads to no given root.
 */
const wordOf = (result: string | Verdict): string => {
  if (typeof result === 'string') return result
  return result.checks.some(check => check.why.includes('under no given root'))
    ? `${result.verdict}, told`
    : result.verdict
}

const placesOf = (node: Json, path: Path = []): readonly Path[] => [
  path,
  ...(typeof node === 'object' && node !== null
    ? Object.entries(node).flatMap(([name, child]) =>
        placesOf(child, [...path, Array.isArray(node) ? Number(name) : name])
      )
    : [])
]

/** A copy in which one place is changed by a function of it; undefined takes it out. */
const changedAt = (node: Json, [name, ...rest]: Path, change: (old: Json) => Json | undefined): Json => {
  if (name === undefined) return change(node) ?? null
  const copy = structuredClone(node) as Record<string, Json>
  const next = rest.length === 0 ? change(copy[name] as Json) : changedAt(copy[name] as Json, rest, change)
  if (next !== undefined) copy[name] = next
  else if (Array.isArray(copy)) copy.splice(Number(name), 1)
  else delete copy[name] // eslint-disable-line @typescript-eslint/no-dynamic-delete
  return copy
}

/** Changes of one value that keep its form as far as they can. */
const changesOf = (value: Json): readonly Json[] => {
  if (typeof value === 'string') {
    const flip = (at: number): string =>
      value.slice(0, at) +
      (value[at] === 'a' ? 'b' : value[at] === '1' ? '2' : /[0-9]/.test(value[at] ?? '') ? '1' : 'a') +
      value.slice(at + 1)
    return value === '' ? ['x'] : [flip(value.length - 1), flip(Math.floor(value.length / 2)), `${value}x`, '']
  }
  if (typeof value === 'number') return [value + 1, -1, String(value)]
  if (typeof value === 'boolean') return [!value]
  if (Array.isArray(value))
    return [
      [...value, ...(value.length > 0 ? [value[0] as Json] : [null])],
      ...(value.length > 1 ? [value.toReversed()] : []),
      {}
    ]
  return [null, []]
}

/** Lists whose order and repetitions mean nothing. */
const isBag = (path: Path): boolean =>
  (path.length === 1 && ['attachments', 'openings', 'signatures'].includes(String(path[0]))) ||
  path.at(-1) === 'certificates'

const pointer = (path: Path): string => `/${path.join('/')}`

/** What may be taken out because it may stay with its owner, be had elsewhere, or be added later. */
const mayGo = (path: Path, node: Json): boolean => {
  const [first, , third] = path
  if (path.length === 2)
    return (
      first === 'openings' ||
      first === 'attachments' ||
      (first === 'signatures' && path[1] === 1) ||
      (first === 'records' && JSON.stringify(node).includes('bims.instrument/1'))
    )
  return first === 'original' || (first === 'attachments' && third === undefined)
}

/**
 * Where certificates hold what their issuers did not sign: the outer name of the algorithm and the signature, which has
 * more than one valid form.
 */
const unsignedParts = (text: string): readonly (readonly [number, number])[] =>
  [...text.matchAll(/"MII[A-Za-z0-9+/=]+"/g)].map(({ 0: quoted, index }) => {
    const der = Buffer.from(quoted.slice(1, -1), 'base64')
    return [index + 1 + Math.floor((endOfSigned(der) * 4) / 3), index + quoted.length]
  })

describe('every single change of a bundle is noticed', () => {
  it('the bundle itself is verified', async () => {
    expect(await verify(bytes)).toMatchObject({ verdict: 'verified', trust: 'single-party' })
  })

  it('of any value', async () => {
    const unnoticed: string[] = []
    let count = 0
    for (const path of placesOf(example)) {
      // The container's undo is the container's to check.
      if (path.length === 0 || path[0] === 'original' || isBag(path)) continue
      for (const change of changesOf(
        path.reduce<Json>((node, name) => (node as Record<string, Json>)[name] as Json, example)
      )) {
        count++
        const result = wordOf(await verify(bundleBytes(changedAt(example, path, () => change) as never)))
        if (result === 'verified') unnoticed.push(`${pointer(path)} → ${JSON.stringify(change).slice(0, 60)}`)
      }
    }
    expect(unnoticed).toEqual([])
    expect(count).toBeGreaterThan(500)
  })

  it('that takes something out', async () => {
    const unnoticed: string[] = []
    for (const path of placesOf(example)) {
      const node = path.reduce<Json>((value, name) => (value as Record<string, Json>)[name] as Json, example)
      if (path.length === 0 || mayGo(path, node)) continue
      const result = wordOf(await verify(bundleBytes(changedAt(example, path, () => undefined) as never)))
      if (result === 'verified') unnoticed.push(pointer(path))
    }
    expect(unnoticed).toEqual([])
  })

  it('and what may go, goes without harm', async () => {
    for (const path of placesOf(example)) {
      const node = path.reduce<Json>((value, name) => (value as Record<string, Json>)[name] as Json, example)
      if (path.length !== 2 || !mayGo(path, node)) continue
      expect(wordOf(await verify(bundleBytes(changedAt(example, path, () => undefined) as never))), pointer(path)).toBe(
        'verified'
      )
    }
  })

  it('of any byte', async () => {
    const text = new TextDecoder().decode(bytes)
    const undo = [text.indexOf('"original"'), text.indexOf('"receipts"')] as const
    const skipped = [undo, ...unsignedParts(text)]
    for (let at = 0; at < bytes.length; at += 23) {
      if (skipped.some(([from, to]) => at >= from && at < to)) continue
      const changed = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
      expect(wordOf(await verify(changed)), `byte ${at}: ${text.slice(at - 20, at + 20)}`).not.toBe('verified')
    }
  })
})

describe('hostile bundles', () => {
  it('give typed errors or verdicts whatever bytes are changed', async () => {
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 20 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 6 }),
        fc
          .string({ unit: fc.constantFrom(...Array.from('[]{}",:0-e\\$')), maxLength: 6 })
          .map(text => Buffer.from(text))
      )
    })
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async edits => {
        let changed: readonly number[] = [...bytes]
        for (const { at, insert, remove } of edits) changed = changed.toSpliced(at % changed.length, remove, ...insert)
        const result = await verify(Uint8Array.from(changed))
        if (typeof result === 'string') expect(errorCodes).toHaveProperty(result)
      }),
      { numRuns: 500 }
    )
  })

  it('give typed errors or verdicts whatever values are changed', async () => {
    const strange: fc.Arbitrary<Json> = fc.oneof(
      fc.constantFrom<Json>(
        null,
        true,
        0,
        -1,
        1e308,
        2 ** 53,
        '',
        'x',
        [],
        {},
        [[]],
        { schema: 'bims.macro/1' },
        '__proto__',
        'constructor',
        native.attachment as never,
        comment.bundled as never
      ),
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    )
    const places = placesOf(example)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.option(strange, { nil: undefined }), fc.option(fc.nat(), { freq: 4 })), {
          minLength: 1,
          maxLength: 3
        }),
        async changes => {
          let changed = example
          for (const [at, value, from] of changes) {
            const path = places[at % places.length] as Path
            const copied =
              from === null
                ? value
                : places[from % places.length]?.reduce<Json>(
                    (node, name) => (node as Record<string, Json>)[name] as Json,
                    example
                  )
            try {
              changed = changedAt(changed, path, () => copied)
            } catch {
              // The place went with an earlier change.
            }
          }
          let encoded: Uint8Array
          try {
            encoded = bundleBytes(JSON.parse(JSON.stringify(changed)) as never)
          } catch {
            return // A lone surrogate has no canonical form.
          }
          const result = await verify(encoded)
          if (typeof result === 'string') expect(errorCodes).toHaveProperty(result)
        }
      ),
      { numRuns: 1500 }
    )
  })
})
