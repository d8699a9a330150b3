import { createHash } from 'node:crypto'
import { tarGzip } from './tar-archive.ts'

/** A package to install on a peer, and the id that the peer will give it. */
export interface ChaincodePackage {
  readonly bytes: Buffer
  /** `label:sha256 of the package`; the chaincode must be started with it. */
  readonly id: string
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** Makes the package of a chaincode that runs as a service at `host:port`, without TLS: on the same host as its peer. */
export const newChaincodePackage = (name: string, version: string, address: string): ChaincodePackage => {
  const label = `${name}_${version}`
  const connection = { address, dial_timeout: '10s', tls_required: false }
  const bytes = tarGzip({
    'metadata.json': json({ type: 'ccaas', label }),
    'code.tar.gz': tarGzip({ 'connection.json': json(connection) })
  })
  return { bytes, id: `${label}:${createHash('sha256').update(bytes).digest('hex')}` }
}
