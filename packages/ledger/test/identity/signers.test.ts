import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fromDerSignature } from '@bims/core'
import { externalSigner } from '../../src/identity/external-signer.ts'
import { openHsmSigner } from '../../src/identity/hsm-signer.ts'
import { newCertificate } from '../stub/certificate.ts'
import { expectLeft, expectRight } from '../stub/records.ts'

const { certificate, key } = await newCertificate('alice')
const leaf = new Uint8Array(new X509Certificate(certificate).raw)
const privateKey = createPrivateKey(key)
const message = Buffer.from('what is signed')

describe('externalSigner', () => {
  it('takes r ‖ s of somebody who gets message and digest, and makes s low', async () => {
    const signer = expectRight(
      externalSigner([leaf], asked => {
        expect(asked.digest).toEqual(createHash('sha256').update(asked.message).digest())
        return Promise.resolve(sign('sha256', asked.message, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
      })
    )
    for (let i = 0; i < 20; i++) {
      const signature = expectRight(await signer.sign(message)())
      expect(fromDerSignature(signature)).toHaveLength(64)
      expect(verify('sha256', message, createPublicKey(certificate), signature)).toBe(true)
    }
  })

  it('refuses what does not match the certificate, and tells why nobody signed', async () => {
    const other = createPrivateKey((await newCertificate('bob')).key)
    const wrong = expectRight(
      externalSigner([leaf], asked =>
        Promise.resolve(sign('sha256', asked.message, { key: other, dsaEncoding: 'ieee-p1363' }))
      )
    )
    expect(expectLeft(await wrong.sign(message)()).code).toBe('identity-malformed')
    const nobody = expectRight(externalSigner([leaf], () => Promise.reject(new Error('gone to lunch'))))
    expect(expectLeft(await nobody.sign(message)())).toMatchObject({ cause: { message: 'gone to lunch' } })
    expect(expectLeft(externalSigner([], () => Promise.resolve(message))).code).toBe('identity-malformed')
    expect(expectLeft(externalSigner([message], () => Promise.resolve(message))).code).toBe('identity-malformed')
  })
})

const folder = dirname(fileURLToPath(import.meta.url))
const gatewayRequire = createRequire(createRequire(import.meta.url).resolve('@hyperledger/fabric-gateway'))
const isBuilt = ((): boolean => {
  try {
    gatewayRequire('pkcs11js')
    return true
  } catch {
    return false
  }
})()
const library = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/softhsm/libsofthsm2.so'].find(existsSync)

describe('openHsmSigner', () => {
  it('is the only place that loads pkcs11js', () => {
    const script = (more: string): string =>
      `import * as ledger from '@bims/ledger'; import { Module } from 'node:module'
       let asked = false; const load = Module._load
       Module._load = (name, ...rest) => { asked ||= name === 'pkcs11js'; return load(name, ...rest) }
       ${more}; console.log(asked || Object.keys(Module._cache).some(name => name.includes('pkcs11js')))`
    const run = (more: string): string =>
      execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script(more)], {
        cwd: folder,
        encoding: 'utf8'
      }).trim()
    expect(run('')).toBe('false')
    expect(
      run("ledger.openHsmSigner({ library: '/nowhere', label: 'l', pin: 'p', identifier: 'i', certificates: [] })")
    ).toBe('true')
  })

  it('tells that a module is not there', () => {
    const result = openHsmSigner({
      library: '/nowhere.so',
      label: 'bims',
      pin: '1234',
      identifier: 'a',
      certificates: [leaf]
    })
    expect(expectLeft(result).code).toBe('identity-missing')
  })

  it.skipIf(!isBuilt || library === undefined)(
    'signs with a key in a module (skipped unless SoftHSM and a built pkcs11js are there)',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'bims-hsm-'))
      try {
        writeFileSync(join(dir, 'softhsm2.conf'), `directories.tokendir = ${dir}\nobjectstore.backend = file\n`)
        process.env['SOFTHSM2_CONF'] = join(dir, 'softhsm2.conf')
        const pem = join(dir, 'key.pem')
        writeFileSync(pem, key)
        const tool = (...args: string[]): string => execFileSync('softhsm2-util', args, { encoding: 'utf8' })
        tool('--init-token', '--free', '--label', 'bims', '--pin', '1234', '--so-pin', '1234')
        tool('--import', pem, '--token', 'bims', '--label', 'alice', '--id', 'a11ce0', '--pin', '1234')
        const hsm = expectRight(
          openHsmSigner({
            library: library ?? '',
            label: 'bims',
            pin: '1234',
            identifier: Buffer.from('a11ce0', 'hex'),
            certificates: [leaf]
          })
        )
        const signatures = await Promise.all(Array.from({ length: 20 }, (_, i) => hsm.sign(Buffer.from(`${i}`))()))
        hsm.close()
        signatures.forEach((signature, i) =>
          expect(verify('sha256', Buffer.from(`${i}`), createPublicKey(certificate), expectRight(signature))).toBe(true)
        )
      } finally {
        delete process.env['SOFTHSM2_CONF']
        rmSync(dir, { recursive: true })
      }
    }
  )
})
