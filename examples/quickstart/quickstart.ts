// The six verbs: acquire, log, save, submit, verify, replay.
import { startEmbedded } from '@bims/network'
import { ledgerOf, nm, openBims, replay, verify } from 'bims'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = await mkdtemp(join(tmpdir(), 'bims-quickstart-'))
const at = (name: string): string => join(folder, name)
const ledger = await startEmbedded({ dir: at('ledger') })

// 1. acquire: every setting and every plane goes through the recorder
const scope = await openBims({ as: 'org1/scope', network: at('ledger'), outbox: at('scope-outbox') })
const instrument = await scope.instrument({ maker: 'Acme', model: 'X1', serial: '42' })
const acquisition = instrument.begin({ axes: ['y', 'x'], shape: [256, 256], dtype: 'uint16' })
acquisition.channel(0, { modality: 'light', excitation: nm(488), 'detector.gain': 2 })
const pixels = Uint16Array.from(
  { length: 256 * 256 },
  (_, i) => 400 + 300 * Math.sin(i / 999) + ((i * 2654435761) % 97)
)
await acquisition.plane({}, pixels)
await scope.save(at('cells.ome.tif'), await acquisition.end())

// 2. log: operations are run and written down as Python
const bims = await openBims({ as: 'org1/alice', network: at('ledger'), outbox: at('outbox') })
const log = bims.log({ host: { name: 'Quickstart', version: '1.0' }, file: at('session.py') })
const raw = log.open('raw', at('cells.ome.tif'))
const smooth = await log.step('skimage.filters.gaussian', { image: raw }, { sigma: 1.5 })
await log.step('skimage.filters.sobel', { image: raw })
const level = await log.step('skimage.filters.threshold_otsu', { image: smooth })
const mask = await log.step('numpy.greater', { x1: smooth, x2: level }, {}, undefined, { as: 'mask' })

// 3. save: what did not make this image is redacted, the rest is signed and embedded
const saved = await bims.save(at('mask.ome.tif'), mask)
console.log(`saved: ${saved.macro?.kept} of ${saved.macro?.steps} steps kept, ${saved.queued.length} records queued`)

// 4. submit: the outbox is delivered to the ledger
const submitted = [...(await scope.submit()).records, ...(await bims.submit()).records]
console.log(`submitted: ${submitted.map(({ kind, status }) => `${kind} ${status}`).join(', ')}`)

// 5. verify, as another organisation, with roots of one's own
const asBob = await ledgerOf({ as: 'org2/bob', network: at('ledger') })
const report = await verify(at('mask.ome.tif'), { trust: [at('ledger/organizations/org1/root.pem')], ledger: asBob })
console.log(`verified: ${report.verdict}, trust ${report.trust}`)
await asBob.close()

// 6. replay
const play = replay(at('mask.ome.tif'))
for await (const step of play) console.log(`replayed: step ${step.index} ${step.operation} ${step.status}`)
const [output] = await play.outputs()
console.log(`replayed: ${output?.equal === true ? 'bit-equal' : 'differs'}`)
await play.close()
await ledger.close()
if (report.verdict !== 'verified' || output?.equal !== true) process.exitCode = 1
