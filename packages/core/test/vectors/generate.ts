/**
 * Writes golden vectors that are not there yet: `node packages/core/test/vectors/generate.ts --new`. Vectors are frozen
 * for version 1 of the contracts: a file that exists is never written again, and what code computes must stay equal.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { newExampleBundle } from '../fixtures/example-bundle.ts'
import { allVectors } from './cases.ts'
import { specPath } from './files.ts'

const files = new Map(
  Object.entries(allVectors()).map(([name, vectors]) => [`vectors/${name}.json`, JSON.stringify(vectors)])
)
const wanted = [...files.keys(), 'vectors/example.bims.json', 'vectors/example-root.pem']
const missing = wanted.filter(name => !existsSync(specPath(name)))
console.log(
  `${wanted.length - missing.length} of ${wanted.length} files of golden vectors are there and stay as they are.`
)
if (missing.length > 0 && !process.argv.includes('--new')) {
  console.error(`Not there: ${missing.join(', ')}. With --new they are written.`)
  process.exit(1)
}

for (const [name, text] of files) {
  if (missing.includes(name))
    writeFileSync(specPath(name), await format(text, { ...(await resolveConfig(specPath(name))), parser: 'json' }), {
      flag: 'wx'
    })
}
if (missing.includes('vectors/example.bims.json')) {
  // A signature has random bytes in it: the bundle is signed once, with keys that are then forgotten, and frozen.
  const { bytes, root } = await newExampleBundle()
  writeFileSync(specPath('vectors/example.bims.json'), bytes, { flag: 'wx' })
  writeFileSync(specPath('vectors/example-root.pem'), `${root.certificate.toString('pem')}\n`, { flag: 'wx' })
}
for (const name of missing) console.log(`wrote docs/spec/${name}`)
