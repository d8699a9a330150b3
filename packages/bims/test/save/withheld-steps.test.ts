import { readLog } from '@bims/adapters/hosts'
import { openValues, toJson, type MacroContent } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { production } from '../../src/production.ts'
import { sliceLog } from '../../src/save/slice-log.ts'
import { withholdLog } from '../../src/save/withheld-steps.ts'
import { newWorkspace, type Workspace } from '../workspace.ts'

let salt = 0
const newSalt = (): Uint8Array => new Uint8Array(16).fill(++salt)

const read = async (text: string): Promise<MacroContent> => {
  const log = await readLog(Buffer.from(text), 'session.py')()
  if (isLeft(log)) throw new Error(log.left.what)
  return log.right.macro
}

/** A block as a host writes it, with words of a user in every place that takes some. */
const personal = `import acme
import skimage.io
import skimage.filters
raw = skimage.io.imread('/home/alice/patients/jane-doe/cells.tif')
# ********** BEGIN MACRO ********** #
"""
Alice thinks that this looks better.

:name: skimage.filters.gaussian
:execution: execute
:param sigma: as Bob likes it
:type sigma: float
:origin sigma: typed
"""
# ----- BEGIN INPUT ARGUMENT DEFINITION ----- #
sigma = 2.0
# ----- END INPUT ARGUMENT DEFINITION ----- #
# Interface method
smooth = skimage.filters.gaussian(raw, sigma=sigma)
# ********** END MACRO ********** #
named = acme.annotate(smooth, user_name='alice', title='Jane Doe', files=['C:\\\\Users\\\\alice\\\\a.csv'], options={'operator': 'bob'})
for k in range(2):
    named = acme.enhance(named, model='/srv/alice/model.bin', strength=k)
mask = skimage.filters.gaussian(named, sigma=1)  # for Jane
skimage.io.imsave('/home/alice/out/mask.tif', mask)
again = skimage.io.imread('/home/alice/out/mask.tif')
last = skimage.filters.gaussian(again, sigma=3.0)
`

const secrets = /alice|jane|bob|looks better/i

describe('withholding', () => {
  it('leaves no name, path, remark or comment in the steps', async () => {
    const log = await read(personal)
    expect(JSON.stringify(log)).toMatch(secrets)
    const { log: withheld } = withholdLog(log, 'last', newSalt)
    expect(JSON.stringify({ inputs: withheld.inputs, steps: withheld.steps })).not.toMatch(secrets)
  })

  it('is undone by the openings', async () => {
    const log = await read(personal)
    const { log: withheld, openings } = withholdLog(log, 'last', newSalt)
    const opened = openValues(
      toJson({ inputs: withheld.inputs, steps: withheld.steps }),
      openings
    ) as unknown as MacroContent
    expect(opened.inputs).toEqual(log.inputs)
    expect(opened.steps.map(({ code }) => code)).toEqual(log.steps.map(({ code }) => code))
    expect(opened.steps.map(({ parameters }) => parameters.map(({ value }) => value))).toEqual(
      log.steps.map(({ parameters }) => parameters.map(({ value }) => value))
    )
    expect(JSON.stringify(opened.steps)).toContain('as Bob likes it')
  })

  it('gives each value a salt of its own', async () => {
    const { openings } = withholdLog(await read(personal), 'last', newSalt)
    expect(openings.length).toBeGreaterThan(5)
    expect(new Set(openings.map(opening => opening.salt)).size).toBe(openings.length)
  })

  it('withholds nothing but the file of an ordinary log', async () => {
    const log = await read(
      "import skimage.io\nimport skimage.filters\nraw = skimage.io.imread('cells.tif')\nsmooth = skimage.filters.gaussian(raw, sigma=2.0)\n"
    )
    const { log: withheld, openings } = withholdLog(log, 'last', newSalt)
    expect(openings.map(({ value }) => value)).toEqual(['cells.tif'])
    expect(withheld.steps).toEqual(log.steps)
  })
})

describe('a sliced log', () => {
  let workspace: Workspace
  beforeAll(async () => {
    workspace = await newWorkspace()
    await writeFile(workspace.at('personal.py'), personal)
  })
  afterAll(() => workspace.remove())

  it.each(['mask', 'last', 'smooth'])('tells nothing personal in the macro of %s', async output => {
    // Salts by chance may read like a name.
    const capabilities = { ...production, random: (length: number) => newSalt().subarray(0, length) }
    const { macro } = await sliceLog(workspace.at('personal.py'), output, capabilities)
    expect(macro.steps).not.toHaveLength(0)
    expect(JSON.stringify(macro)).not.toMatch(secrets)
  })
})
