import { parsePem, type Certificate } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { bytesFields } from '../wire/fields.ts'

/** Fabric's serialized identity taken apart: which organisation, and the certificate. */
export interface SerializedIdentity {
  readonly mspId: string
  readonly certificate: Certificate
}

const largest = 64 * 1024

/** What an identity may be in its organisation: the organisational units that Fabric gives a meaning. */
export const nodeRoles = ['client', 'peer', 'orderer', 'admin'] as const

/** What an identity may be in its organisation. */
export type NodeRole = (typeof nodeRoles)[number]

const isNodeRole = (text: string): text is NodeRole => nodeRoles.some(role => role === text)

/** Reads a serialized identity; undefined where it is none, or not written as Fabric writes it. */
export const parseIdentity = (bytes: Buffer): SerializedIdentity | undefined => {
  if (bytes.length > largest) return undefined
  const fields = bytesFields(bytes, 2, true)
  const [, mspId, pem] = fields ?? []
  if (mspId === undefined || pem === undefined || mspId.length === 0) return undefined
  const certificates = parsePem(pem.toString('latin1'))
  const certificate = E.isRight(certificates) ? certificates.right[0] : undefined
  return certificate === undefined ? undefined : { mspId: mspId.toString('utf8'), certificate }
}

/** The organisational units of a certificate's subject. */
export const unitsOf = (certificate: Certificate): readonly string[] => certificate.subjectName.getField('OU')

/** The one role of a certificate; undefined where it has none, or several. */
export const roleOf = (certificate: Certificate): NodeRole | undefined => {
  const roles = unitsOf(certificate).filter(isNodeRole)
  return roles.length === 1 ? roles[0] : undefined
}
