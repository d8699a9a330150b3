import { X509Certificate } from 'node:crypto'
import { isJsonObject, parseCertificate, parseJson, recordBounds, type JsonValue, type Signer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** Fabric's attribute extension: JSON of the attributes that a certificate authority vouches for. */
const attributeExtension = '1.2.3.4.5.6.7.8.1'

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const attribute = (der: Uint8Array, name: string): string | undefined => {
  const certificate = parseCertificate(der)
  const extension = E.isRight(certificate) ? certificate.right.getExtension(attributeExtension) : null
  if (extension === null) return undefined
  const parsed = parseJson(new Uint8Array(extension.value), recordBounds)
  const attributes: JsonValue | undefined =
    E.isRight(parsed) && isJsonObject(parsed.right) ? parsed.right['attrs'] : undefined
  return isJsonObject(attributes) ? textOf(attributes[name]) : undefined
}

const commonName = (der: Uint8Array): string | undefined => {
  const subject: unknown = new X509Certificate(der).toLegacyObject().subject
  return typeof subject === 'object' && subject !== null ? textOf(Reflect.get(subject, 'CN')) : undefined
}

/** The enrolment id by which the ledger knows an identity: the attribute `hf.EnrollmentID`, else its one common name; undefined where it has neither. */
export const enrollmentIdOf = ({ certificates: [leaf] }: Signer): string | undefined => {
  if (leaf === undefined) return undefined
  try {
    return attribute(leaf, 'hf.EnrollmentID') ?? commonName(leaf)
  } catch {
    return undefined
  }
}
