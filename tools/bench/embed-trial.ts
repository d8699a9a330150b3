// A process of its own, so that its memory is that of embedding alone: node embed-trial.ts FILE
// Prints {milliseconds, residentBytes}; the file is afterwards as it was.
import { detectContainer } from '@bims/adapters/containers'
import { openEditable } from '@bims/adapters/sources/file'
import { median, timed } from './benchmark.ts'
import { right } from './right.ts'

const [path = ''] = process.argv.slice(2)
const bundle = new Uint8Array(20_000).fill(0x20)
const times: number[] = []
for (let turn = 0; turn < 7; turn++) {
  const file = await right(openEditable(path))
  const container = await right(detectContainer(file))
  times.push(
    await timed(() =>
      right(container.embed(file, original => Buffer.concat([Buffer.from(JSON.stringify({ original })), bundle])))
    )
  )
  await right(container.strip(file))
  await right(file.close())
}
console.log(JSON.stringify({ milliseconds: median(times), residentBytes: process.resourceUsage().maxRSS * 1024 }))
