import { describe, expect, it, vi } from 'vitest'
import { errorOf, macroOf, outline } from './reading.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

const block = (fields: string, code: string): string =>
  `# ********** BEGIN MACRO ********** #\n"""\nDoes it.\n\n${fields}\n"""\n${code}\n# ********** END MACRO ********** #\n`
const open = "import skimage.io\nimport skimage.filters\nraw = skimage.io.imread('cells.tif')\n"
const digest = `bims-pixels-1:${'0'.repeat(64)}`

describe('header and inputs', () => {
  it('gives host, libraries and machine', async () => {
    const macro = await macroOf(
      '"""\n:schema: bims.log/1\n:host: V\n:version: 2\n:library numpy: 2.4.6\n:library myviewer: 7\n:device: cpu\n:threads: 4\n:seed: 9\n"""\nimport myviewer\nmyviewer.x()'
    )
    expect(macro).toMatchObject({
      host: { name: 'V', version: '2' },
      environment: { libraries: { numpy: '2.4.6', myviewer: '7' }, device: 'cpu', threads: 4, seed: 9 }
    })
    expect(macro.steps[0]?.operation).toMatchObject({ tool: 'myviewer', version: '7' })
    expect((await macroOf('a = 1')).host).toEqual({ name: 'Python' })
  })

  it('refuses later forms', async () => {
    expect((await errorOf('"""\n:schema: bims.log/2\n"""\na = 1')).code).toBe('record-major')
  })

  it('opens inputs with digests and names of their own', async () => {
    const macro = await macroOf(
      `import skimage.io\n${block(`:digest return: ${digest}`, "raw = skimage.io.imread('cells.tif')")}raw = skimage.io.imread('b.tif')\nb = raw + skimage.io.imread('c d.tif')`
    )
    expect(macro.inputs).toEqual([
      { name: 'raw', value: 'raw@0', file: 'cells.tif', digest },
      { name: 'raw_2', value: 'raw_2@0', file: 'b.tif' },
      { name: 'c_d', value: 'c_d@0', file: 'c d.tif' }
    ])
    expect(outline(macro.steps)).toEqual(['numpy.add(x1=raw_2@0 x2=c_d@0) -> return=b@0'])
  })

  it('makes a step of an image that is read otherwise than it is', async () => {
    expect((await macroOf("import skimage.io\na = skimage.io.imread('x.tif', as_gray=True)")).inputs).toEqual([])
  })

  it('lists what variables hold and what was saved', async () => {
    const macro = await macroOf(
      `${open}a = skimage.filters.sobel(raw)\na = a * 2\nt = skimage.filters.threshold_otsu(a)\nskimage.io.imsave('out/a.tif', a, check_contrast=False)`
    )
    expect(macro.outputs).toEqual([
      { name: 'a', value: 'a@1' },
      { name: 'out/a.tif', value: 'a@1' }
    ])
  })
})

describe('blocks', () => {
  it('take name, doc, evidence, types, units, origins, digests and attachments from the docstring', async () => {
    const fields = [
      ':name: Blur',
      ':execution: execute',
      ':evidence: recorded',
      ':param sigma: How wide.',
      ':type mode: choice',
      ':unit sigma: um',
      ':origin sigma: interactive',
      `:digest return: ${digest}`,
      `:attachment strokes 1.bin: application/octet-stream 12 sha256:${'a'.repeat(64)} tiff:0/65000`
    ].join('\n')
    const { steps } = await macroOf(open + block(fields, "a = skimage.filters.gaussian(raw, sigma=2.0, mode='wrap')"))
    expect(steps[0]).toMatchObject({
      index: 0,
      operation: { name: 'Blur' },
      doc: 'Does it.',
      evidence: 'recorded',
      writes: [{ arg: 'return', value: 'a@0', digest }],
      attachments: [
        {
          name: 'strokes 1.bin',
          mediaType: 'application/octet-stream',
          size: 12,
          digest: `sha256:${'a'.repeat(64)}`,
          at: 'tiff:0/65000'
        }
      ],
      code: "a = skimage.filters.gaussian(raw, sigma=2.0, mode='wrap')"
    })
    expect(steps[0]?.parameters.slice(0, 2)).toEqual([
      { name: 'sigma', type: 'float', value: 2, unit: 'um', doc: 'How wide.', origin: 'interactive' },
      { name: 'mode', type: 'choice', value: 'wrap', doc: expect.any(String) as string, origin: 'typed' }
    ])
  })

  it('define parameters before the call, as Dragonfly does', async () => {
    const { steps } = await macroOf(
      open +
        block(
          ':evidence: recorded\n:param width: W',
          'width = 2.0\n\n# Interface method\na = skimage.filters.gaussian(raw, sigma=width)'
        )
    )
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({
      evidence: 'recorded',
      parameters: [{ name: 'sigma', value: 2, doc: 'W' }, {}, {}, {}, {}, {}, {}].slice(0, steps[0]?.parameters.length)
    })
    expect(steps[0]?.code).toBe('width = 2.0\n\n# Interface method\na = skimage.filters.gaussian(raw, sigma=width)')
  })

  it('that do more than one thing are edited, and others what they say', async () => {
    const evidence = async (fields: string, code: string): Promise<string | undefined> =>
      (await macroOf(open + block(fields, code))).steps.at(-1)?.evidence
    expect(await evidence(':evidence: recorded', 'a = raw * 2')).toBe('recorded')
    expect(await evidence(':evidence: recorded', 'a = raw * 2\nb = a * 2')).toBe('edited')
    expect(await evidence(':evidence: recorded', 'for i in range(2):\n    raw += 1')).toBe('edited')
    expect(await evidence(':evidence: recorded', 'if raw: pass')).toBe('edited')
    expect(await evidence(':name: x', 'a = raw * 2')).toBe('authored')
    expect((await macroOf(`${open}a = raw * 2`)).steps[0]?.evidence).toBe('authored')
  })

  it('that are not Python reach every value', async () => {
    const macro = await macroOf(
      `${open}a = raw * 2\n${block(':evidence: recorded', 'a = = 3')}b = a * 2\n${block('', 'c = b * 2')}`
    )
    expect(macro.steps[1]).toMatchObject({
      operation: { id: '', name: 'not Python' },
      code: expect.stringContaining('a = = 3') as string,
      evidence: 'edited'
    })
    expect(macro.steps[1]?.writes.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['raw@1', 'a@1', 'state:session@1'])
    )
    expect(macro.steps[2]?.reads).toEqual([{ arg: 'x1', value: 'a@1' }])
  })

  it('undo by giving a name its kept version again', async () => {
    const { steps, outputs } = await macroOf(
      open +
        block('', 'kept_raw_0 = raw\nraw = raw * 2') +
        block(':reverts: 0', 'kept_raw_1 = raw\nraw = kept_raw_0') +
        'b = raw * 3'
    )
    expect(outline(steps)).toEqual([
      'numpy.multiply(x1=raw@0) -> return=raw@1',
      'python.revert(value=raw@0) -> ',
      'numpy.multiply(x1=raw@0) -> return=b@0'
    ])
    expect(steps[1]?.reverts).toBe(0)
    expect(outputs).toEqual([{ name: 'b', value: 'b@0' }])
  })

  it('take the comment above a statement for its documentation', async () => {
    expect(
      (await macroOf(`${open}\n# Twice\n# as bright.\na = raw * 2\n# later\n\nb = raw * 3`)).steps.map(({ doc }) => doc)
    ).toEqual(['Twice\nas bright.', expect.stringMatching(/^Multiplies/) as string])
  })
})

describe('refusals', () => {
  it('list all lines', async () => {
    const error = await errorOf(
      `${open}a = raw * gone\n${block(`:reverts: 7\n:digest return: md5`, 'b = raw * 2')}del nowhere\n`
    )
    expect(error.code).toBe('log-grammar')
    expect(error.issues?.map(({ at }) => at)).toEqual(['line 4', 'line 12', 'line 12', 'line 14'])
  })

  it('say that a log is not Python', async () => {
    expect(await errorOf('run("Gaussian Blur...", "sigma=2");\nselectWindow(\n')).toMatchObject({
      code: 'log-not-python',
      issues: [{ at: 'line 2' }]
    })
  })

  it('end a log that hangs together too much', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `a${i} = raw * ${i}\n`).join('')
    expect(await errorOf(`${open}import v\n${names}${'if raw: pass\n'.repeat(3000)}`)).toMatchObject({
      code: 'log-grammar'
    })
    expect(
      await errorOf(`${open}for i in range(99999):\n    for j in range(99999):\n        raw += j\n`)
    ).toMatchObject({ code: 'log-grammar' })
  })
})
