import { mkdtemp, readFile } from 'node:fs/promises'
import { startEmbedded } from './embedded/network.ts'
import { openLedger, readIdentity } from '@bims/ledger'
import { canonicalBytes } from '@bims/core'
const dir = await mkdtemp('/tmp/emb-')
let t = performance.now()
const net = await startEmbedded({ dir })
console.log('up', performance.now() - t)
const id: any = readIdentity(await readFile(dir + '/' + net.profile.organizations[0]!.identities['alice']))
const l: any = await openLedger({ profile: net.profile, identity: id.right })()
const ledger = l.right
const rec = (i: number) => ({ bytes: canonicalBytes({ schema: 'bims.macro/1', n: i, pad: Array.from({length: 60}, (_, k) => `parameter ${k} value ${Math.sin(i * k)}`) }) })
console.log('size', rec(1).bytes.length)
t = performance.now()
let r: any = await ledger.submit([rec(0)])()
console.log(JSON.stringify(r), performance.now() - t)
for (const [b, f] of [[100, 4], [250, 4], [500, 2], [500, 4], [1000, 2]] as const) {
  const l2: any = await openLedger({ profile: net.profile, identity: id.right, batch: { records: b, bytes: 4e6 }, inFlight: f })()
  const recs = Array.from({ length: 2000 }, (_, i) => rec(i + b * 100000))
  t = performance.now()
  r = await l2.right.submit(recs)()
  const ms = performance.now() - t
  console.log(b, f, r.right.filter((x: any) => x.status === 'committed').length, 2000 / ms * 1000, 'rec/s')
  l2.right.close()
}
console.log(JSON.stringify(await ledger.read(r.right[5].id)()).slice(0, 400))
t = performance.now()
console.log(JSON.stringify(await ledger.attest(r.right[5].id)()).slice(0, 300), performance.now() - t)
r = await ledger.submit([rec(1), { bytes: canonicalBytes({ schema: 'bims.instrument/1' }) }, rec(2)])()
console.log(JSON.stringify(r))
ledger.close()
await net.close()
