import { detectContainer } from '@bims/adapters/containers'
import { openEditable } from '@bims/adapters/sources/file'
import { canonicalBytes, idOf, type JsonValue } from '@bims/core'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { promised } from '../../src/promise.ts'
import { bims, handwritten, makeMask, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a forger takes a bundle apart without its types
type Loose = any

let workspace: Workspace
let root: string
let identity: string
const at = (name: string): string => workspace.at(name)
const bundles = new Map<string, string>()

/** Embeds bytes as the bundle of a file, as a forger who knows the format would. */
const embed = async (path: string, bundle: Uint8Array): Promise<void> => {
  const file = await promised(openEditable(path))
  const container = await promised(detectContainer(file))
  await promised(container.embed(file, () => bundle))
  await promised(file.close())
}

const sorted = (bundle: Loose): Loose => ({
  ...bundle,
  records: bundle.records.toSorted((a: JsonValue, b: JsonValue) => (keyOf(a) < keyOf(b) ? -1 : 1))
})
const keyOf = (record: JsonValue): string => (typeof record === 'string' ? record : idOf(canonicalBytes(record)))

const save = async (name: string, log: string): Promise<void> => {
  await writeFile(at(`${name}.py`), log)
  const { code } = await bims(
    'save',
    at('mask.tif'),
    '--log',
    at(`${name}.py`),
    '--output',
    'mask',
    '--to',
    at(`${name}.tif`),
    '--identity',
    identity,
    '--outbox',
    at('outbox')
  )
  expect(code).toBe(0)
  bundles.set(name, (await bims('extract', at(`${name}.tif`))).out)
}

beforeAll(async () => {
  workspace = await newWorkspace()
  ;({ identity, root } = await newIdentity(workspace))
  await makeMask(workspace)
  await save('saved', handwritten)
  await save('other', handwritten.replace('sigma=2.0', 'sigma=2.5'))
})
afterAll(() => workspace.remove())

const macroIn = (bundle: Loose): Loose => bundle.records.find((record: Loose) => record.schema === 'bims.macro/1')

interface Forgery {
  readonly what: string
  readonly change: (bundle: Loose, other: Loose) => Loose
  readonly fails: readonly string[]
  readonly why: RegExp
}

const withMacro = (bundle: Loose, change: (macro: Loose) => void): Loose => {
  change(macroIn(bundle))
  return sorted(bundle)
}

const forgeries: readonly Forgery[] = [
  {
    what: 'a parameter',
    change: bundle =>
      withMacro(bundle, macro => {
        macro.steps[0].parameters.find((p: Loose) => p.name === 'sigma').value = 3
      }),
    fails: ['manifest', 'redaction'],
    why: /macro|record|root|step/
  },
  {
    what: 'a parameter, with the manifest made to fit',
    change: bundle => {
      const macro = macroIn(bundle)
      macro.steps[0].parameters.find((p: Loose) => p.name === 'sigma').value = 3
      bundle.manifest.macro = keyOf(macro)
      return sorted(bundle)
    },
    fails: ['redaction', 'signature'],
    why: /root/
  },
  {
    what: 'the hash of a removed step',
    change: bundle =>
      withMacro(bundle, macro => {
        const removed = macro.redaction.tree.find((part: Loose) => part.hash !== undefined)
        removed.hash = removed.hash.replace(/^./, (first: string) => (first === '0' ? '1' : '0'))
      }),
    fails: ['manifest', 'redaction'],
    why: /root/
  },
  {
    what: 'the count of removed steps',
    change: bundle =>
      withMacro(bundle, macro => {
        macro.redaction.tree.find((part: Loose) => part.hash !== undefined).count = 2
      }),
    fails: ['manifest', 'redaction'],
    why: /\S/
  },
  {
    what: 'the salt of a kept step',
    change: bundle =>
      withMacro(bundle, macro => {
        macro.redaction.tree.find((part: Loose) => part.salt !== undefined).salt = Buffer.alloc(16).toString('base64')
      }),
    fails: ['manifest', 'redaction'],
    why: /root/
  },
  {
    what: 'a kept step taken out',
    change: bundle =>
      withMacro(bundle, macro => {
        macro.steps.splice(1, 1)
      }),
    fails: ['manifest', 'redaction'],
    why: /\S/
  },
  {
    what: 'the macro of another image',
    change: (bundle, other) => {
      bundle.records = bundle.records.map((record: Loose) =>
        record.schema === 'bims.macro/1' ? macroIn(other) : record
      )
      return sorted(bundle)
    },
    fails: ['manifest'],
    why: /macro/
  },
  {
    what: 'the macro of another image, with the manifest made to fit',
    change: (bundle, other) => {
      bundle.records = bundle.records.map((record: Loose) =>
        record.schema === 'bims.macro/1' ? macroIn(other) : record
      )
      bundle.manifest.macro = other.manifest.macro
      return sorted(bundle)
    },
    fails: ['signature'],
    why: /manifest|sign/
  },
  {
    what: 'the macro taken out',
    change: bundle => ({
      ...bundle,
      records: bundle.records.map((record: Loose) =>
        record.schema === 'bims.macro/1' ? bundle.manifest.macro : record
      )
    }),
    fails: [],
    why: /macro/
  },
  {
    what: 'the time of saving',
    change: bundle => ({ ...bundle, manifest: { ...bundle.manifest, created: '2001-01-01T00:00:00.000Z' } }),
    fails: ['signature'],
    why: /sign/
  },
  {
    what: 'the signature of another manifest',
    change: (bundle, other) => ({ ...bundle, signatures: other.signatures }),
    fails: ['signature'],
    why: /sign/
  },
  {
    what: 'one bit of the signature',
    change: bundle => {
      const bytes = Buffer.from(bundle.signatures[0].signature, 'base64')
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
      bundle.signatures[0].signature = bytes.toString('base64')
      return bundle
    },
    fails: ['signature'],
    why: /sign/
  },
  {
    what: 'an opening',
    change: bundle => {
      bundle.openings[0].value = 'somebody-else.tif'
      return bundle
    },
    fails: ['manifest'],
    why: /opening|withheld/
  }
]

const judge = async (file: string): Promise<{ readonly code: number; readonly report: Loose }> => {
  const { code, json } = await bims('verify', file, '--trust', root, '--json')
  return { code, report: json() }
}

const failing = (report: Loose): Readonly<Record<string, string>> =>
  Object.fromEntries(
    report.checks.filter(({ status }: Loose) => status === 'fail').map(({ name, why }: Loose) => [name, why])
  )

describe('tampering is noticed', () => {
  it('is not there before', async () => {
    expect((await judge(at('saved.tif'))).report.verdict).toBe('verified')
  })

  it.each(forgeries)('$what', async ({ change, fails, what, why }) => {
    const path = at('forged.tif')
    await cp(at('saved.tif'), path)
    await embed(
      path,
      canonicalBytes(change(JSON.parse(bundles.get('saved') ?? ''), JSON.parse(bundles.get('other') ?? '')))
    )
    const { code, report } = await judge(path)
    if (fails.length === 0) {
      // Only left out: nothing contradicts, but nothing is verified either.
      expect([what, code, report.verdict]).toEqual([what, 3, 'incomplete'])
      return
    }
    expect(code, JSON.stringify(report.checks)).toBe(1)
    expect(report.verdict).toBe('failed')
    expect(Object.keys(failing(report))).toEqual(expect.arrayContaining([...fails]))
    expect(Object.values(failing(report)).join('\n')).toMatch(why)
  })

  it('a removed signature: nobody vouches any more', async () => {
    await cp(at('saved.tif'), at('unsigned.tif'))
    await embed(at('unsigned.tif'), canonicalBytes({ ...JSON.parse(bundles.get('saved') ?? ''), signatures: [] }))
    const { code, report } = await judge(at('unsigned.tif'))
    expect([code, report.verdict, report.trust]).toEqual([3, 'incomplete', 'none'])
    expect(report.checks.find(({ name }: Loose) => name === 'signature')).toMatchObject({ status: 'not-checked' })
  })

  it('one pixel', async () => {
    await cp(at('saved.tif'), at('pixel.tif'))
    const bytes = await readFile(at('pixel.tif'))
    const mask = bytes.indexOf(Buffer.alloc(40, 1))
    const zeros = bytes.indexOf(Buffer.alloc(600, 0))
    const place = mask >= 0 ? mask + 5 : zeros + 300
    bytes[place] = bytes[place] === 1 ? 0 : 1
    await writeFile(at('pixel.tif'), bytes)
    const { code, report } = await judge(at('pixel.tif'))
    expect(code).toBe(1)
    expect(Object.keys(failing(report))).toEqual(['pixels'])
    expect(failing(report)['pixels']).toMatch(/not those that were saved/)
  })

  it('a bundle that was moved to another image', async () => {
    await cp(at('cells.tif'), at('moved.tif'))
    await embed(at('moved.tif'), Buffer.from(bundles.get('saved') ?? ''))
    const { code, report } = await judge(at('moved.tif'))
    expect(code).toBe(1)
    expect(failing(report)).toMatchObject({ pixels: expect.stringMatching(/\S/) })
  })

  it('bytes of the bundle that are no longer JSON', async () => {
    await cp(at('saved.tif'), at('damaged.tif'))
    const text = bundles.get('saved') ?? ''
    await embed(at('damaged.tif'), Buffer.from(text.replace('"steps":[', '"steps":{')))
    const { code, report } = await judge(at('damaged.tif'))
    expect(code).toBe(1)
    expect(failing(report)['manifest']).toMatch(/damaged/)
  })

  it('is told in words too', async () => {
    const { code, out } = await bims('verify', at('moved.tif'), '--trust', root)
    expect(code).toBe(1)
    expect(out).toMatch(/^FAILED/)
    expect(out).toMatch(/FAIL pixels/)
  })

  it('a root of somebody else does not verify', async () => {
    const other = await newIdentity(workspace, 'mallory')
    const { code, json } = await bims('verify', at('saved.tif'), '--trust', other.root, '--json')
    expect([code, json().verdict, json().trust]).toEqual([
      code === 1 ? 1 : 3,
      code === 1 ? 'failed' : 'incomplete',
      'none'
    ])
  })
})
