import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const home = fileURLToPath(new URL('..', import.meta.url))
// Below node_modules, so that what is required is found as from an installed package.
const folder = `${home}node_modules/.bundle-${process.pid}`
const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  // As `pnpm build` does, without the types.
  await promisify(execFile)(`${bin}/tsup`, ['--no-dts', '--out-dir', folder], { cwd: home })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The first message that the server sends to a peer that dials in. */
const firstMessage = async (port: number): Promise<Buffer> => {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/protos.Chaincode/Connect',
      'content-type': 'application/grpc',
      te: 'trailers'
    })
    const [first] = (await once(stream, 'data')) as [Buffer]
    stream.close()
    return first
  } finally {
    session.destroy()
  }
}

describe('the CommonJS bundle', () => {
  it('is required plainly, with everything of core inside', () => {
    const script = `const { contracts } = require(${JSON.stringify(`${folder}/index.cjs`)}); console.log(new contracts[0]().getName())`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: home })
    expect(stderr).toBe('')
    expect([status, stdout]).toEqual([0, 'bims\n'])
    const outside = readdirSync(folder)
      .filter(name => name.endsWith('.cjs'))
      .flatMap(name => [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/\brequire\(['"]([^'"./][^'"]*)['"]\)/g)])
      .map(match => match[1]!.replace(/^node:/, ''))
      .filter(name => !builtinModules.includes(name))
    expect([...new Set(outside.map(name => name.split('/')[0]))].sort()).toEqual(['fabric-contract-api', 'fabric-shim'])
  })

  it('serves a peer that dials in as chaincode as a service, and says what it misses', async () => {
    const port = await freePort()
    const environment = { CHAINCODE_SERVER_ADDRESS: `127.0.0.1:${port}`, CHAINCODE_ID: 'bims:0123' }
    const server = spawn(process.execPath, [`${folder}/server.cjs`], { env: { ...process.env, ...environment } })
    try {
      await once(server.stderr, 'data')
      // ChaincodeMessage: type REGISTER, and a ChaincodeID with the package's id.
      expect((await firstMessage(port)).toString('latin1')).toContain('bims:0123')
    } finally {
      server.kill()
      await once(server, 'exit')
    }
    const { status, stderr } = spawnSync(process.execPath, [`${folder}/server.cjs`], { encoding: 'utf8', env: {} })
    expect(status).toBe(2)
    expect(stderr).toContain('CHAINCODE_SERVER_ADDRESS')
  })
})
