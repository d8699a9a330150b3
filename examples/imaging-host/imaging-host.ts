// What an imaging program does: every operation of its user goes through a log; Save Image stores the history.
import type { NdArray } from '@bims/core'
import { openBims, replay, type Logged } from 'bims'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = await mkdtemp(join(tmpdir(), 'bims-host-'))
const bims = await openBims({ outbox: join(folder, 'outbox') })

// An image to begin with; a real program opens its user's.
const camera = (await bims.instrument({ maker: 'Acme', model: 'X1' })).begin({
  axes: ['y', 'x'],
  shape: [120, 160],
  dtype: 'uint8'
})
camera.channel(0, { modality: 'light' })
await camera.plane(
  {},
  Uint8Array.from(
    { length: 120 * 160 },
    (_, i) => (Math.hypot((i % 160) - 80, Math.floor(i / 160) - 60) < 30 ? 190 : 20) + (i % 13)
  )
)
await bims.save(join(folder, 'cells.ome.tif'), await camera.end())

const log = bims.log({ host: { name: 'MyViewer', version: '2.3' }, file: join(folder, 'session.py') })
const raw = log.open('raw', join(folder, 'cells.ome.tif'))

/** An operation of the program's own: it paints strokes into an image. Its parameters go into an attachment. */
const paint = (image: Logged, strokes: readonly (readonly [number, number])[]): Promise<Logged> =>
  log.step(
    'myviewer.paint',
    { image },
    { strokes: log.attach(strokes), value: 255 },
    ({ image: input }): NdArray => {
      if (input === undefined) throw new Error('paint needs an image')
      const data = input.data.slice()
      for (const [y, x] of strokes) data[y * (input.shape[1] ?? 0) + x] = 255
      return { ...input, data }
    },
    { as: 'painted', doc: 'Paints the strokes of the user into the image.', origins: { strokes: 'interactive' } }
  )

// The user's session: menu entries call the vocabulary, the brush calls the program's own operation.
const smooth = await log.step('skimage.filters.median', { image: raw }, {}, undefined, { as: 'smooth' })
log.set(smooth, 'display', { min: 10, max: 220 })
const edges = await log.step('skimage.filters.sobel', { image: smooth }, {}, undefined, { as: 'edges' })
const tooMuch = await log.step('skimage.filters.gaussian', { image: smooth }, { sigma: 9 }, undefined, { as: 'smooth' })
const back = (await log.undo(tooMuch, smooth)) ?? smooth
const level = await log.step('skimage.filters.threshold_otsu', { image: back }, {}, undefined, { as: 'level' })
const mask = await log.step('numpy.greater', { x1: back, x2: level }, {}, undefined, { as: 'mask' })
const painted = await paint(back, [
  [10, 10],
  [10, 11]
])

// Save Image, three times: each file gets the history of its own image and nothing else.
for (const [name, image] of Object.entries({ mask, edges, painted })) {
  const file = join(folder, `${name}.ome.tif`)
  const { macro } = await bims.save(file, image)
  const play = replay(file)
  const steps: string[] = []
  for await (const step of play) steps.push(`${step.operation} ${step.status}`)
  const [output] = await play.outputs()
  await play.close()
  console.log(
    `${name}: ${macro?.kept} of ${macro?.steps} steps kept; ${steps.join(', ')}; ${output === undefined ? 'not replayed' : output.equal === true ? 'bit-equal' : 'differs'}`
  )
  // What only this program can do, a replay elsewhere says so instead of pretending.
  if (name !== 'painted' && output?.equal !== true) process.exitCode = 1
}
await log.close()
console.log(`the log: ${join(folder, 'session.py')}`)
