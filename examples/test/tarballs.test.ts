// What a user gets: the packed tarballs, installed outside the workspace, loaded as ESM and as CJS, type-checked,
// bundled for a browser, and the examples run on them.
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Consumer, examplePrograms, newConsumer } from '../../tools/packaging/consumer.ts'
import { readManifest, root, workspacePackages } from '../../tools/workspace/packages.ts'
import { bundleForBrowser } from './browser-bundle.ts'

// Every test starts programs, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 })

let consumer: Consumer
let remove = (): void => undefined

beforeAll(async () => {
  consumer = await newConsumer()
  remove = consumer.remove
}, 600_000)

afterAll(() => remove())

const specifiers = workspacePackages().flatMap(({ manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, source]) => source.endsWith('.ts'))
    .map(([subpath]) => manifest.name + subpath.slice(1))
)

describe.each(specifiers)('%s', specifier => {
  it('gives the same names to import and require', async () => {
    const print = 'console.log(JSON.stringify(Object.keys(m).filter(n => n !== "default").sort()))'
    const [esm, cjs] = await Promise.all([
      consumer.run('node', ['--input-type=module', '-e', `const m = await import('${specifier}'); ${print}`]),
      consumer.run('node', ['--input-type=commonjs', '-e', `const m = require('${specifier}'); ${print}`])
    ])
    expect(esm.stderr).toBe('')
    expect(cjs.stderr).toBe('')
    expect(JSON.parse(esm.stdout)).not.toEqual([])
    expect(JSON.parse(cjs.stdout)).toEqual(JSON.parse(esm.stdout))
  })
})

describe('types', () => {
  // In one run: the types of Node and of the language are read once.
  it('are found and whole from .mts and .cts', async () => {
    const lines = specifiers.map((specifier, i) => `import * as m${i} from '${specifier}'\nvoid m${i}\n`)
    const files = ['all.mts', 'all.cts']
    for (const file of files) consumer.write(file, lines.join(''))
    const options = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node'
    ]
    const typeRoots = ['--typeRoots', `${root}node_modules/@types`]
    const tsc = await consumer.run('tsc', [...options, ...typeRoots, ...files])
    expect(tsc.stdout).toBe('')
    expect(tsc.status).toBe(0)
  })
})

describe('@bims/adapters', () => {
  it('loads no format, and nothing that a format needs, before a file asks for it', async () => {
    consumer.write(
      'loaded.mjs',
      `import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
await import(process.argv[2])
console.log(JSON.stringify(loaded.filter(url => /node_modules/.test(url)).map(url => url.replace(/.*node_modules\\/((@[^/]+\\/)?[^/]+).*/, '$1'))))`
    )
    for (const specifier of ['@bims/adapters', '@bims/adapters/containers', 'bims']) {
      const { stdout, stderr } = await consumer.run('node', ['loaded.mjs', specifier])
      expect(stderr).toBe('')
      const heavy = ['geotiff', 'fast-xml-parser', 'web-tree-sitter', 'classic-level', '@grpc/grpc-js', 'fabric-shim']
      const packages = JSON.parse(stdout) as readonly string[]
      expect(packages).toContain(specifier.replace('/containers', ''))
      expect(packages.filter(name => heavy.includes(name))).toEqual([])
    }
  })
})

describe('@bims/core in a browser', () => {
  it('bundles without a Node builtin and computes the same id with nothing but what the web has', async () => {
    const record = { schema: 'bims.test/1', a: [true, 'é', 1e-7] }
    const { builtins, code } = await bundleForBrowser(
      consumer.folder,
      `import { canonicalBytes, idOf } from '@bims/core'\nexport const id = idOf(canonicalBytes(${JSON.stringify(record)}))`
    )
    expect(builtins).toEqual([])
    const web = { TextEncoder, TextDecoder, URL, crypto, atob, btoa, structuredClone, queueMicrotask }
    const result: unknown = runInNewContext(`${code}\nJSON.stringify(bundle.id)`, web)
    const node = await consumer.run('node', [
      '--input-type=module',
      '-e',
      `import { canonicalBytes, idOf } from '@bims/core'\nconsole.log(JSON.stringify(idOf(canonicalBytes(${JSON.stringify(record)}))))`
    ])
    expect(result).toBe(node.stdout.trim())
    expect(result).toMatch(/sha256:[0-9a-f]{64}/)
  })
})

describe('the program', () => {
  it('starts and tells the whole story: workers, grammar, ledger and chaincode are all found in the packages', async () => {
    const version = await consumer.run('node_modules/.bin/bims', ['--version'])
    expect(version).toEqual({
      status: 0,
      stdout: `${readManifest(`${root}packages/bims/package.json`).version}\n`,
      stderr: ''
    })
    const demo = await consumer.run('node_modules/.bin/bims', ['demo', '--json'])
    expect(`${demo.status}\n${demo.status === 0 ? '' : demo.stderr}`).toBe('0\n')
    expect(JSON.parse(demo.stdout)).toBeTypeOf('object')
  })
})

describe.each(examplePrograms())('examples/$name', ({ name, start }) => {
  it('runs on the tarballs', async () => {
    const ended = await consumer.run('sh', ['-c', start], `${consumer.folder}/examples/${name}`)
    expect(`${ended.status}\n${ended.stderr}`).toBe('0\n')
    expect(ended.stdout).not.toBe('')
  })
})
