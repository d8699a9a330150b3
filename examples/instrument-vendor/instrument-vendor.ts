// What a vendor's acquisition software does: record every setting and every plane while acquiring, and save.
import { isBimsError, ms, nm, openBims, um, verify } from 'bims'
import { EventEmitter } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Frame {
  readonly channel: number
  readonly z: number
  readonly pixels: Uint16Array
  /** Measured exposure in milliseconds. */
  readonly exposure: number
}

const [channels, depth, height, width] = [2, 5, 128, 160]

/** Stands for the vendor's camera driver: frames come as events, in whatever order the hardware delivers them. */
const startCamera = (): EventEmitter<{ frame: [Frame]; done: [] }> => {
  const camera = new EventEmitter<{ frame: [Frame]; done: [] }>()
  setImmediate(() => {
    for (let z = 0; z < depth; z++) {
      for (let channel = channels - 1; channel >= 0; channel--) {
        const pixels = Uint16Array.from(
          { length: height * width },
          (_, i) => (i * (z + 1) * 7919 + channel * 500) % 4096
        )
        camera.emit('frame', { channel, z, pixels, exposure: 10 + 0.01 * z })
      }
    }
    camera.emit('done')
  })
  return camera
}

const folder = await mkdtemp(join(tmpdir(), 'bims-vendor-'))

// In production: openBims({ identity: './scope7.id', outbox: … }). Without an identity the file is saved unsigned.
const bims = await openBims({ outbox: join(folder, 'outbox') })
const scope = await bims.instrument({
  maker: 'Acme',
  model: 'X1',
  serial: '42',
  software: { name: 'Acme Acquire', version: '7.1' },
  components: [
    {
      kind: 'objective',
      id: 'obj-60x',
      model: 'Plan-Apo 60x/1.4 Oil',
      properties: { magnification: 60, numericalAperture: 1.4, immersion: 'oil' }
    },
    { kind: 'detector', id: 'cam-1', model: 'sCMOS-4', serial: 'C-117', properties: { pixelPitch: um(6.5) } }
  ]
})

const acquisition = scope.begin({
  axes: ['c', 'z', 'y', 'x'],
  shape: [channels, depth, height, width],
  dtype: 'uint16'
})
acquisition.pixelSize({ x: nm(108), y: nm(108), z: nm(300) })
acquisition.channel(0, {
  modality: 'light',
  name: 'GFP',
  excitation: nm(488),
  emission: nm(525),
  'objective.magnification': 60,
  'acme:ditherMode': 3
})
acquisition.channel(1, {
  modality: 'light',
  name: 'mCherry',
  excitation: nm(561),
  emission: nm(610),
  'objective.magnification': 60
})
acquisition.native('acme-ini', '[Stage]\r\nSpeed=fast\r\n[Camera]\r\nCooling=-20\r\n')

const camera = startCamera()
const planes: Promise<void>[] = []
camera.on('frame', ({ channel, exposure, pixels, z }) => {
  planes.push(acquisition.plane({ c: channel, z }, pixels, { exposure: { set: ms(10), measured: ms(exposure) } }))
})
await new Promise(resolve => camera.once('done', () => resolve(undefined)))

try {
  await Promise.all(planes)
  const file = join(folder, 'run7.ome.tif')
  const saved = await bims.save(file, await acquisition.end())
  const [image] = saved.images
  console.log(`saved ${file}: ${image?.axes.map((axis, i) => `${axis}=${image.shape[i]}`).join(' ')} ${image?.dtype}`)
  const report = await verify(file)
  console.log(`pixels ${report.checks.find(({ name }) => name === 'pixels')?.status}, manifest ${report.manifest}`)
  if (report.verdict === 'failed') process.exitCode = 1
} catch (error) {
  // Every error has a stable code, what happened, and what to do.
  if (!isBimsError(error)) throw error
  console.error(`${error.what} [${error.code}] ${error.advice}`)
  process.exitCode = 1
}
