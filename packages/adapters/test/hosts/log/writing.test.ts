import type { JsonValue, Step } from '@bims/core'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it, vi } from 'vitest'
import { type LogWriter, newLogWriter, type StepDraft, type WrittenStep } from '../../../src/hosts/log/index.ts'
import { must } from './example.ts'
import { keptFor, macroOf, outline } from './reading.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

interface Log {
  readonly writer: LogWriter
  readonly steps: Step[]
  readonly text: () => string
  readonly add: (...written: readonly WrittenStep[]) => Step
}

const newLog = async (): Promise<Log> => {
  const writer = must(await newLogWriter({ host: { name: 'V', version: '1' }, libraries: { numpy: '2.4.6' } })())
  const texts = [writer.header, must(writer.open({ name: 'raw', file: "a 'quoted' \\ file.tif" })).text]
  const steps: Step[] = []
  return {
    writer,
    steps,
    text: () => texts.join(''),
    add: (...written) => {
      for (const { text, step } of written) {
        texts.push(text)
        steps.push(step)
      }
      const last = written.at(-1)
      if (last === undefined) throw new Error('nothing written')
      return last.step
    }
  }
}

const digest = `bims-pixels-1:${'ab'.repeat(32)}`
const blur: StepDraft = {
  operation: 'skimage.filters.gaussian',
  reads: { image: 'raw' },
  parameters: [{ name: 'sigma', value: 2 }],
  results: ['a']
}

describe('newLogWriter', () => {
  it('gives steps as they will be read', async () => {
    const log = await newLog()
    const step = log.add(
      must(
        log.writer.append({
          ...blur,
          name: 'Blur',
          doc: 'Blurs.',
          evidence: 'edited',
          digests: { return: digest },
          parameters: [{ name: 'sigma', value: 2, doc: 'Width', unit: 'px', origin: 'computed' }],
          attachments: [{ name: 'x.bin', mediaType: 'a/b', size: 3, digest: `sha256:${'0'.repeat(64)}` }]
        })
      )
    )
    expect(step).toMatchObject({
      index: 0,
      operation: { id: 'skimage.filters.gaussian', name: 'Blur', tool: 'scikit-image' },
      doc: 'Blurs.',
      evidence: 'edited',
      reads: [{ arg: 'image', value: 'raw@0' }],
      writes: [{ arg: 'return', value: 'a@0', digest }],
      attachments: [{ name: 'x.bin', mediaType: 'a/b', size: 3 }]
    })
    // The vocabulary says float, so 2 becomes 2.0.
    expect(step.parameters[0]).toEqual({
      name: 'sigma',
      type: 'float',
      value: 2,
      unit: 'px',
      doc: 'Width',
      origin: 'computed'
    })
    expect(step.code).toContain('gaussian(raw, sigma=2.0)')
    expect((await macroOf(log.text())).inputs).toEqual([
      { name: 'raw', value: 'raw@0', file: "a 'quoted' \\ file.tif" }
    ])
  })

  it('undoes, redoes and undoes again', async () => {
    const log = await newLog()
    const { writer } = log
    log.add(must(writer.append(blur)))
    log.add(must(writer.append({ operation: 'skimage.filters.sobel', reads: { image: 'a@0' }, results: ['a'] })))
    log.add(...must(writer.undo(1)))
    log.add(...must(writer.undo(2)))
    log.add(must(writer.append({ operation: 'numpy.subtract', reads: { x1: 'a', x2: 'a@0' }, results: ['b'] })))
    expect(outline(log.steps)).toEqual([
      'skimage.filters.gaussian(image=raw@0) -> return=a@0',
      'skimage.filters.sobel(image=a@0) -> return=a@1',
      'python.revert(value=a@0) -> ',
      'python.revert(value=a@1) -> ',
      'numpy.subtract(x1=a@1 x2=a@0) -> return=b@0'
    ])
    expect(log.steps.map(step => step.reverts)).toEqual([undefined, undefined, 1, 2, undefined])
    log.add(...must(writer.undo(0)))
    expect(log.steps.at(-1)?.operation.id).toBe('python.del')
    expect(isLeft(writer.append({ operation: 'skimage.filters.sobel', reads: { image: 'a' }, results: ['c'] }))).toBe(
      true
    )
    const macro = await macroOf(log.text())
    expect(macro.steps).toEqual(log.steps)
    expect(keptFor(macro, 'b')).toEqual([0, 1, 4])
  })

  it('undoes what was changed in place, for every name of the object', async () => {
    const log = await newLog()
    const { writer } = log
    log.add(must(writer.append(blur)))
    log.add(must(writer.append({ operation: 'myviewer.paint', reads: { image: 'a@0' }, inPlace: ['image'] })))
    log.add(...must(writer.undo(1)))
    log.add(must(writer.append({ operation: 'skimage.filters.sobel', reads: { image: 'a' }, results: ['b'] })))
    log.add(must(writer.append({ operation: 'myviewer.paint', reads: { image: 'a' }, inPlace: ['image'] })))
    log.add(must(writer.append({ operation: 'skimage.filters.sobel', reads: { image: 'a@0' }, results: ['c'] })))
    const macro = await macroOf(log.text())
    expect(macro.steps).toEqual(log.steps)
    expect(keptFor(macro, 'b')).toEqual([0, 3])
    expect(keptFor(macro, 'c')).toEqual([0, 5])
  })

  it('sets and undoes what hangs on an image', async () => {
    const log = await newLog()
    const { writer } = log
    log.add(must(writer.set('raw', 'display', { min: 1 })))
    log.add(must(writer.set('raw', 'display', { min: 2, max: 5 })))
    log.add(must(writer.set('raw', 'roi', { x: [1, 2] })))
    expect(log.add(...must(writer.undo(1)))).toMatchObject({
      reverts: 1,
      code: 'bims.display(raw, min=1)',
      writes: [{ value: 'display:raw@2' }]
    })
    expect(log.add(...must(writer.undo(2)))).toMatchObject({ reverts: 2, code: 'bims.roi(raw)' })
    expect((await macroOf(log.text())).steps).toEqual(log.steps)
  })

  it('saves, crops, and takes several results', async () => {
    const log = await newLog()
    const { writer } = log
    log.add(
      must(
        writer.append({
          operation: 'numpy.ndarray.__getitem__',
          reads: { self: 'raw' },
          parameters: [{ name: 'key', value: [[1, 9, null], 3, [null, null, 2]] }],
          results: ['crop']
        })
      )
    )
    log.add(
      must(
        writer.append({
          operation: 'numpy.ndarray.astype',
          reads: { self: 'crop' },
          parameters: [{ name: 'dtype', value: 'float32' }],
          results: ['crop']
        })
      )
    )
    log.add(must(writer.append({ operation: 'myviewer.split', reads: { image: 'crop' }, results: ['l', 'r'] })))
    log.add(must(writer.save('l', 'out/l.tif', digest)))
    expect(log.steps.map(({ code }) => (typeof code === 'string' ? code.split('\n').at(-1) : code))).toEqual([
      'crop = raw[1:9, 3, ::2]',
      "crop = crop.astype(dtype='float32')",
      'l, r = myviewer.split(image=crop)',
      "skimage.io.imsave('out/l.tif', l)"
    ])
    const macro = await macroOf(log.text())
    expect(macro.steps).toEqual(log.steps)
    expect(macro.outputs.at(-1)).toEqual({ name: 'out/l.tif', value: 'l@0', digest })
  })

  it('writes nothing that it cannot write, and goes on', async () => {
    const log = await newLog()
    const { writer } = log
    const bad: readonly StepDraft[] = [
      { ...blur, results: ['numpy'] },
      { ...blur, results: ['a\nimport os'] },
      { ...blur, results: ['kept_a'] },
      { ...blur, results: ['lambda'] },
      { ...blur, results: ['a', 'a'] },
      { ...blur, operation: 'os.system("x")' },
      { ...blur, operation: 'gaussian' },
      { ...blur, operation: 'raw.x' },
      { ...blur, operation: '' },
      { ...blur, reads: { image: 'gone' } },
      { ...blur, reads: { 'image=1, x': 'raw' } },
      { ...blur, inPlace: ['mask'] },
      { ...blur, parameters: [{ name: 'sigma)', value: 1 }] },
      { ...blur, parameters: [{ name: 'image', value: 1 }] },
      { ...blur, parameters: [{ name: 'sigma', value: 'os.remove("x")', type: 'expression' }] },
      { ...blur, parameters: [{ name: 'sigma', value: { $withheld: `sha256:${'0'.repeat(64)}` } }] },
      { ...blur, doc: '\ud800' },
      { ...blur, digests: { return: 'md5' } },
      { ...blur, attachments: [{ name: 'a: b', mediaType: 'x', size: 1, digest: 'y' }] },
      {
        operation: 'numpy.ndarray.__getitem__',
        reads: { self: 'raw' },
        parameters: [{ name: 'key', value: ['__import__("os")'] }],
        results: ['c']
      }
    ]
    for (const draft of bad)
      expect([draft, writer.append(draft)]).toMatchObject([{}, { left: { code: 'log-grammar' } }])
    expect(writer.open({ name: 'x', file: 'x', digest: 'md5' })).toMatchObject({ left: { code: 'log-grammar' } })
    expect(writer.open({ name: 'raw', file: 'x' })).toMatchObject({ left: { code: 'log-grammar' } })
    expect(writer.open({ name: 'x', file: '\udc00' })).toMatchObject({ left: { code: 'log-grammar' } })
    expect(writer.set('raw', 'display', { 'min=0, max': 1 })).toMatchObject({ left: { code: 'log-grammar' } })
    expect(writer.undo(99)).toMatchObject({ left: { code: 'log-grammar' } })
    log.add(must(writer.append(blur)))
    expect((await macroOf(log.text())).steps).toEqual(log.steps)
  })

  it('refuses headers of several lines', async () => {
    expect(await newLogWriter({ host: { name: 'a\nb' } })()).toMatchObject({ left: { code: 'log-grammar' } })
    expect(await newLogWriter({ host: { name: 'a' }, libraries: { 'x: y': '1' } })()).toMatchObject({
      left: { code: 'log-grammar' }
    })
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter(one => !/\p{Surrogate}/u.test(one)),
  fc
    .array(
      fc.constantFrom(
        ':name: forged',
        '"""',
        '# ********** END MACRO ********** #',
        '\\',
        '\n',
        '\r\n',
        '    x',
        "'",
        ':',
        '#',
        '\u2028',
        '\0',
        'import os',
        '\\"""',
        ' '
      ),
      { maxLength: 8 }
    )
    .map(parts => parts.join(''))
)
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(n => !Object.is(n, -0)),
  text,
  fc.array(fc.integer(), { maxLength: 3 })
)
const variables = ['raw', 'a', 'b', 'c']
const variable = fc.constantFrom(...variables)
const parameters = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom('p', 'q', 'r_1'),
      value,
      doc: text,
      unit: text,
      origin: fc.constantFrom('typed', 'default', 'computed', 'interactive')
    },
    { requiredKeys: ['name', 'value'] }
  ),
  { selector: ({ name }) => name, maxLength: 3 }
)
const action = fc.oneof(
  fc.record({ kind: fc.constant('known' as const), from: variable, to: variable }),
  fc.record({
    kind: fc.constant('unknown' as const),
    from: variable,
    to: variable,
    parameters,
    doc: text,
    inPlace: fc.boolean()
  }),
  fc.record({ kind: fc.constant('crop' as const), from: variable, to: variable }),
  fc.record({ kind: fc.constant('set' as const), from: variable }),
  fc.record({ kind: fc.constant('undo' as const), index: fc.nat(12) })
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

const apply = ({ writer }: Log, one: Action): readonly WrittenStep[] => {
  const written = (result: ReturnType<LogWriter['append']>): readonly WrittenStep[] =>
    isLeft(result) ? [] : [result.right]
  if (one.kind === 'undo') {
    const undone = writer.undo(one.index)
    return isLeft(undone) ? [] : undone.right
  }
  if (one.kind === 'set') return written(writer.set(one.from, 'display', { min: 1 }))
  if (one.kind === 'known')
    return written(writer.append({ operation: 'skimage.filters.sobel', reads: { image: one.from }, results: [one.to] }))
  if (one.kind === 'crop')
    return written(
      writer.append({
        operation: 'numpy.ndarray.__getitem__',
        reads: { self: one.from },
        parameters: [{ name: 'key', value: [[0, 4]] }],
        results: [one.to]
      })
    )
  return written(
    writer.append({
      operation: 'myviewer.paint',
      reads: { image: one.from },
      parameters: one.parameters,
      doc: one.doc,
      results: [one.to],
      inPlace: one.inPlace ? ['image'] : []
    })
  )
}

describe('laws', () => {
  it('what was written is read back, step for step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 14 }), async actions => {
        const log = await newLog()
        for (const one of actions) {
          const written = apply(log, one)
          if (written.length > 0) log.add(...written)
        }
        const macro = await macroOf(log.text())
        expect(macro.steps).toEqual(log.steps)
        expect(macro.inputs).toHaveLength(1)
      }),
      { numRuns: 150 }
    )
  })

  it('values and texts of a step survive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(parameters, text, async (given, doc) => {
        const log = await newLog()
        log.add(
          must(log.writer.append({ operation: 'myviewer.paint', reads: { image: 'raw' }, parameters: given, doc }))
        )
        const [step, ...more] = (await macroOf(log.text())).steps
        expect(more).toEqual([])
        expect(step?.parameters.map(({ name, value, origin }) => ({ name, value, origin }))).toEqual(
          given.map(({ name, value, origin }) => ({ name, value, origin: origin ?? 'typed' }))
        )
        const lines = (one: string): string =>
          one
            .replaceAll(/\r\n?/g, '\n')
            .split('\n')
            .map(line => line.trimEnd())
            .join('\n')
            .trim()
        expect(step?.doc).toBe(lines(doc))
        expect(step?.parameters.map(parameter => parameter.doc ?? '')).toEqual(
          given.map(({ doc: one }) => (one ?? '').replaceAll(/\r\n?/g, '\n').trim())
        )
      }),
      { numRuns: 200 }
    )
  })
})
