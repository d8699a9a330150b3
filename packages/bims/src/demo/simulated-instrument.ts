import { ms, nm, um, volt } from '@bims/core'
import type { Bims } from '../bims.ts'
import type { SaveResult } from '../save/save-result.ts'
import { simulatedCamera, simulateMicrograph } from './micrograph.ts'

/** Width and height of the simulated micrograph. */
export const micrographSize = 2048

const nativeSettings = [
  '[Microscope]',
  'Stand=Acme X1',
  'Objective=Plan-Apochromat 20x/0.8',
  'Collar=',
  '[Illumination]',
  'Line=488',
  'PowerPercent=12.5',
  '[Camera]',
  'Model=sCMOS-4',
  `Offset=${simulatedCamera.offset}`,
  'ExposureMs=50',
  'Binning=1x1',
  'DitherMode=3',
  ''
].join('\r\n')

/**
 * A simulated microscope takes a micrograph and saves it through the public API for vendors, as
 * examples/instrument-vendor does.
 */
export const acquireSimulated = async (bims: Bims, path: string, seed: number): Promise<SaveResult> => {
  const scope = await bims.instrument({
    maker: 'Acme',
    model: 'X1',
    serial: '0042',
    software: { name: 'Acme Acquire', version: '7.1' },
    components: [
      {
        kind: 'objective',
        id: 'objective-20x',
        maker: 'Acme',
        model: 'Plan-Apochromat 20x/0.8',
        properties: { magnification: 20, numericalAperture: 0.8, immersion: 'air' }
      },
      { kind: 'laser', id: 'laser-488', maker: 'Acme', model: 'L488', properties: { wavelength: nm(488) } },
      {
        kind: 'detector',
        id: 'camera-1',
        maker: 'Acme',
        model: 'sCMOS-4',
        serial: 'C-117',
        properties: { bitDepth: 16, pixelPitch: um(6.5) }
      }
    ]
  })
  const acq = scope.begin({ axes: ['y', 'x'], shape: [micrographSize, micrographSize], dtype: 'uint16' })
  acq.pixelSize({ x: nm(325), y: nm(325) })
  acq.channel(0, {
    modality: 'light',
    name: 'GFP',
    excitation: nm(488),
    emission: nm(525),
    'objective.magnification': 20,
    'objective.numericalAperture': 0.8,
    'detector.name': 'camera-1',
    'acme:ditherMode': 3
  })
  acq.setting('acme:laserSupply', volt(230))
  acq.native('acme-ini', nativeSettings)
  const { data } = simulateMicrograph(micrographSize, seed)
  await acq.plane({}, data, { exposure: { set: ms(50), measured: ms(50.02) } })
  return bims.save(path, await acq.end())
}
