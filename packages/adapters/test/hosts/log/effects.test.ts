import { describe, expect, it } from 'vitest'
import { keptFor, macroOf, outline } from './reading.ts'

const head =
  'import numpy as np\nimport skimage.io\nfrom skimage import filters, morphology\nimport myviewer\nraw = skimage.io.imread("cells.tif")\n'
const outlineOf = async (source: string): Promise<readonly string[]> => outline((await macroOf(head + source)).steps)

describe('known operations', () => {
  it('read and write exactly what their table says', async () => {
    expect(await outlineOf('a = filters.gaussian(raw, 2.0)\nb = filters.sobel(image=a)\na = np.add(a, b)')).toEqual([
      'skimage.filters.gaussian(image=raw@0) -> return=a@0',
      'skimage.filters.sobel(image=a@0) -> return=b@0',
      'numpy.add(x1=a@0 x2=b@0) -> return=a@1'
    ])
  })

  it('gives positional, keyword and default parameters with their origins', async () => {
    const { steps } = await macroOf(`${head}a = filters.gaussian(raw, 2.0, mode='wrap')`)
    expect(steps[0]?.parameters.map(({ name, type, value, origin }) => [name, type, value, origin])).toEqual([
      ['sigma', 'float', 2, 'typed'],
      ['mode', 'str', 'wrap', 'typed'],
      ['cval', expect.any(String), 0, 'default'],
      ['preserve_range', 'bool', false, 'default'],
      ['truncate', 'float', 4, 'default'],
      ['channel_axis', 'int or None', null, 'default'],
      ['out', 'ndarray or None', null, 'default']
    ])
    expect(steps[0]?.operation).toEqual({
      id: 'skimage.filters.gaussian',
      name: 'Gaussian blur',
      tool: 'scikit-image',
      version: '0.26.0'
    })
  })

  it('keeps 1 and 1.0 apart', async () => {
    const { steps } = await macroOf(`${head}a = raw * 2\nb = raw * 2.0`)
    expect(steps.map(step => step.parameters.find(parameter => parameter.name === 'x2'))).toMatchObject([
      { type: 'int', value: 2 },
      { type: 'float', value: 2 }
    ])
  })

  it('makes steps of operators, subscripts, methods and what is nested', async () => {
    expect(
      await outlineOf(
        "a = (raw.astype('float32') - raw[0:4, ::2].max()) / 2\nb = ~(a > filters.threshold_otsu(a))\nc = raw.T"
      )
    ).toEqual(
      [
        'numpy.ndarray.astype(self=raw@0) -> return=(0)@0',
        'numpy.ndarray.__getitem__(self=raw@0) -> return=(1)@0',
        'numpy.max(a=(1)@0) -> return=number:(2)@0',
        'numpy.subtract(x1=(0)@0 x2=number:(2)@0) -> return=(3)@0',
        'numpy.divide(x1=(3)@0) -> return=a@0',
        'skimage.filters.threshold_otsu(image=a@0) -> return=number:(5)@0',
        'numpy.greater(x1=a@0 x2=number:(5)@0) -> return=(6)@0',
        'numpy.invert(x=(6)@0) -> return=b@0',
        'numpy.ndarray.T(self=raw@0) -> return=c@0'
      ].map(line => line.replace('numpy.max(a=(1)@0)', 'numpy.ndarray.max(self=(1)@0)'))
    )
  })

  it('spells a crop as the vocabulary does', async () => {
    const { steps } = await macroOf(`${head}a = raw[10:20, 3:, 0, ::-1]\nb = raw[raw > 3]\nn = 4\nc = raw[n:]`)
    expect(steps[0]?.parameters).toMatchObject([
      { name: 'key', value: [[10, 20, null], [3, null, null], 0, [null, null, -1]] }
    ])
    expect(outline(steps).slice(1)).toEqual([
      'numpy.greater(x1=raw@0) -> return=(1)@0',
      'numpy.ndarray.__getitem__(self=raw@0 key=(1)@0) -> return=b@0',
      'python.assign() -> return=number:n@0',
      'numpy.ndarray.__getitem__(self=raw@0 key=number:n@0) -> return=c@0'
    ])
  })

  it('folds constants and keeps their definitions', async () => {
    const macro = await macroOf(`${head}sigma = 1.5\na = filters.gaussian(raw, sigma=sigma)\nb = filters.sobel(raw)`)
    expect(outline(macro.steps)[1]).toBe(
      'skimage.filters.gaussian(image=raw@0 name:sigma=number:sigma@0) -> return=a@0'
    )
    expect(macro.steps[1]?.parameters[0]).toMatchObject({ name: 'sigma', value: 1.5, origin: 'typed' })
    expect(keptFor(macro, 'a')).toEqual([0, 1])
  })

  it('writes to out, and counts as unknown with arguments that it does not have', async () => {
    expect(await outlineOf('a = raw * 2\nnp.add(raw, raw, out=a)\nb = filters.gaussian(raw, blur=a)')).toEqual([
      'numpy.multiply(x1=raw@0) -> return=a@0',
      'numpy.add(x1=raw@0 x2=raw@0 out=a@0) -> out=a@1',
      'skimage.filters.gaussian(args[0]=raw@0 blur=a@1) -> args[0]=raw@1 blur=a@2 return=b@0'
    ])
  })
})

describe('aliases and views', () => {
  it('writes every alias of what is changed in place', async () => {
    expect((await outlineOf('b = raw\nc = b[2:4]\nd = np.rot90(c)\ne = raw.copy()\nd += 1')).at(-1)).toBe(
      'numpy.ndarray.__iadd__(self=d@0 shared:raw=raw@0 shared:b=b@0 shared:c=c@0) -> shared:raw=raw@1 shared:b=b@1 shared:c=c@1 self=d@1'
    )
  })

  it('ends with the binding of another object', async () => {
    expect((await outlineOf('b = raw\nb = filters.sobel(raw)\nb[0] = 1')).at(-1)).toBe(
      'numpy.ndarray.__setitem__(self=b@1) -> self=b@2'
    )
  })

  it('does not trust copy=False', async () => {
    const last = async (call: string): Promise<string | undefined> => (await outlineOf(`b = ${call}\nb += 1`)).at(-1)
    expect(await last("raw.astype('uint8', copy=False)")).toContain('shared:raw')
    expect(await last("raw.astype('uint8')")).not.toContain('shared:raw')
  })

  it('reads the keys of what it sets, and computes every part once', async () => {
    expect(await outlineOf('mask = raw > 3\nraw[mask] += 1\nraw[mask] = mask')).toEqual([
      'numpy.greater(x1=raw@0) -> return=mask@0',
      'numpy.ndarray.__iadd__(self=raw@0 key=mask@0) -> self=raw@1',
      'numpy.ndarray.__setitem__(self=raw@1 key=mask@0 value=mask@0) -> self=raw@2'
    ])
    expect(await outlineOf("n = raw.astype('uint16').shape[0]\nb = [filters.sobel(raw)].append")).toHaveLength(4)
  })

  it('reads the newest version of what an argument changed before the call', async () => {
    expect((await outlineOf('b = np.add(raw, myviewer.paint(raw))')).at(-1)).toBe(
      'numpy.add(x1=raw@1 x2=(0)@0) -> return=b@0'
    )
  })

  it('rebinds numbers', async () => {
    expect(await outlineOf('n = 1\nm = n\nn += 2')).toEqual([
      'python.assign() -> return=number:n@0',
      'python.assign(name:n=number:n@0) -> return=number:m@0',
      'numpy.ndarray.__iadd__(name:n=number:n@0) -> return=number:n@1'
    ])
  })

  it('keeps what is held by a list', async () => {
    expect((await outlineOf('images = [raw, filters.sobel(raw)]\nmyviewer.fix(images)')).at(-1)).toBe(
      'myviewer.fix(args[0]=state:images@0 shared:raw=raw@0) -> shared:raw=raw@1 args[0]=state:images@1'
    )
  })

  it('unpacks tuples', async () => {
    expect((await outlineOf('a, b = myviewer.split(raw)\na += 1')).at(-1)).toContain('shared:b=b@1')
  })
})

describe('unknown operations', () => {
  it('read and write their arguments, what hangs on them, aliases, and all session state', async () => {
    const { steps } = await macroOf(
      `${head}import matplotlib.pyplot as plt\nb = raw\nother = filters.sobel(raw)\nplt.imshow(raw)\nc = myviewer.paint(raw, strokes='x')`
    )
    const [last] = steps.slice(-1)
    expect(last?.reads.map(({ value }) => value)).toEqual([
      'raw@0',
      'display:raw@0',
      'b@0',
      'state:session@0',
      'random:session@0',
      'preference:session@0',
      'active:session@0'
    ])
    expect(last?.writes.map(({ value }) => value)).toEqual([
      'display:raw@1',
      'raw@1',
      'b@1',
      'state:session@1',
      'random:session@1',
      'preference:session@1',
      'active:session@1',
      'c@0'
    ])
    expect(last?.operation).toEqual({ id: 'myviewer.paint', name: 'paint', tool: 'myviewer', version: '' })
  })

  it('hang together through the session', async () => {
    const macro = await macroOf(`${head}myviewer.configure(7)\na = filters.sobel(raw)\nb = myviewer.paint(a)`)
    expect(keptFor(macro, 'b')).toEqual([0, 1, 2])
    expect(keptFor(macro, 'a')).toEqual([0, 1, 2])
    expect(
      keptFor(await macroOf(`${head}myviewer.configure(7)\na = filters.sobel(raw)\nb = filters.sobel(a)`), 'b')
    ).toEqual([1, 2])
  })

  it('may hold their arguments in their results, and unknown methods change their objects', async () => {
    expect((await outlineOf('c = myviewer.wrap(raw)\nc.blur(3)')).at(-1)).toBe(
      'object.blur(self=c@0 shared:raw=raw@1) -> shared:raw=raw@2 self=c@1'
    )
  })

  it('reach files that the log wrote and that they name', async () => {
    const macro = await macroOf(
      `${head}skimage.io.imsave('a.tif', raw)\nmyviewer.run('./a.tif')\nb = skimage.io.imread('a.tif')`
    )
    expect(outline(macro.steps)).toEqual([
      'skimage.io.imsave(arr=raw@0) -> fname=file:a.tif@0',
      'myviewer.run(file=file:a.tif@0) -> file=file:a.tif@1',
      'skimage.io.imread(fname=file:a.tif@1) -> return=b@0'
    ])
    expect(macro.inputs.map(({ name }) => name)).toEqual(['raw'])
  })
})

describe('code that is not understood', () => {
  it.each([
    ['if raw.max() > 3:\n    a = raw'],
    ["y = getattr(filters, 'sobel')(raw)"],
    ['while True:\n    raw += 1'],
    ['def f(x):\n    raw[0] = x'],
    ['with open("x") as f:\n    pass'],
    ['for i in range(len(raw)):\n    raw[i] = 0'],
    ['x = [f(i) for i in raw]'],
    ['x = lambda: raw'],
    ['f = filters.sobel\ny = f(raw)'],
    ['y = np.vectorize(lambda v: v)(raw)'],
    ['y = filters.gaussian(raw, sigma=(lambda: 2)())']
  ])('reaches every value: %s', async source => {
    const { steps } = await macroOf(`${head}other = filters.sobel(raw)\n${source}\nlast = filters.sobel(other)`)
    const reaching = steps.find(
      step =>
        step.writes.some(({ value }) => value === 'other@1') && step.writes.some(({ value }) => /^raw@\d/.test(value))
    )
    expect(reaching?.reads.map(({ value }) => value)).toContain('other@0')
    const last = steps.at(-1)?.reads[0]?.value ?? ''
    expect(steps.flatMap(step => step.writes.map(({ value }) => value))).toContain(last)
    expect(last).not.toBe('other@0')
  })

  it('is called later, and reaches every value again', async () => {
    const { steps } = await macroOf(
      `${head}def f(x):\n    raw[0] = x\nother = filters.sobel(raw)\nf(3)\nb = filters.sobel(other)`
    )
    expect(outline(steps).at(-1)).toBe('skimage.filters.sobel(image=other@1) -> return=b@0')
  })

  it.each([
    'import skimage.filters\nskimage.filters.sobel = myviewer.x',
    "setattr(filters, 'sobel', myviewer.x)",
    'from myviewer import *',
    "exec('raw = 1')",
    "filters.__dict__['sobel'] = myviewer.x",
    "import sys\nsys.modules['skimage.filters'] = myviewer"
  ])('makes every later call reach everything: %s', async source => {
    const { steps } = await macroOf(`${head}other = raw * 2\n${source}\na = filters.sobel(raw)`)
    expect(steps.at(-1)?.writes.map(({ arg }) => arg)).toContain('shared:other')
  })

  it('is over with what it bound, where that is no function', async () => {
    const { steps } = await macroOf(
      `${head}if raw.max() > 3:\n    a = raw\nb = filters.sobel(a)\nc = myviewer.paint(a)`
    )
    expect(outline(steps.slice(-2))).toEqual([
      'skimage.filters.sobel(image=a@0) -> return=b@0',
      expect.stringContaining('shared:b=b@1') as string
    ])
  })

  it('leaves preferences of libraries alone', async () => {
    const { steps } = await macroOf(
      `${head}import matplotlib.pyplot as plt\nplt.rcParams['image.cmap'] = 'gray'\na = filters.sobel(raw)`
    )
    expect(steps[0]?.writes).toEqual([{ arg: 'preference', value: 'preference:session@1' }])
    expect(outline(steps.slice(-1))).toEqual(['skimage.filters.sobel(image=raw@0) -> return=a@0'])
  })

  it('does not know functions whose names mean something else', async () => {
    const { steps } = await macroOf(`${head}filters = myviewer.load()\na = filters.sobel(raw)`)
    expect(steps.at(-1)?.operation.id).toBe('object.sobel')
  })
})

describe('loops', () => {
  it('over constants are the iterations that run', async () => {
    const { steps } = await macroOf(
      `${head}a = raw * 1\nfor i in range(1, 7, 2):\n    a = filters.gaussian(a, sigma=i)\n`
    )
    expect(outline(steps).slice(1)).toEqual(
      [1, 2, 3].map(n => `skimage.filters.gaussian(image=a@${n - 1}) -> return=a@${n}`)
    )
    expect(steps.slice(1).map(step => step.parameters[0]?.value)).toEqual([1, 3, 5])
    expect(steps[1]).toMatchObject({
      code: 'a = filters.gaussian(a, sigma=i)',
      template: 'for i in range(1, 7, 2):\n    a = filters.gaussian(a, sigma=i)'
    })
  })

  it('that run never, or backwards, are read as Python runs them', async () => {
    expect(
      await outlineOf('for i in range(0):\n    raw += i\nfor i in range(2, 0, -1):\n    b = raw * i')
    ).toHaveLength(2)
  })
})

describe('session state', () => {
  it('random numbers depend on what was drawn before', async () => {
    const macro = await macroOf(
      `${head}np.random.seed(1)\na = np.random.normal(0, 1, (4, 4))\nb = np.random.normal(0, 1, (4, 4))\nc = raw + b\nd = filters.sobel(raw)`
    )
    expect(keptFor(macro, 'c')).toEqual([0, 1, 2, 3])
    expect(keptFor(macro, 'd')).toEqual([4])
  })

  it('display is written by display only, and read by what is unknown', async () => {
    const macro = await macroOf(
      `${head}import matplotlib.pyplot as plt\nplt.imshow(raw)\nplt.title('x')\na = filters.sobel(raw)`
    )
    expect(outline(macro.steps).slice(0, 2)).toEqual([
      'matplotlib.pyplot.imshow(image=raw@0) -> display=display:raw@0',
      'matplotlib.pyplot.title() -> display=display:session@1'
    ])
    expect(keptFor(macro, 'a')).toEqual([2])
  })
})
