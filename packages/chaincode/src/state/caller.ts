import { X509Certificate } from 'node:crypto'
import { newError, parseRole, type BimsError, type Role, type Submitter } from '@bims/core/ledger-rules'
import type { Context } from 'fabric-contract-api'
import * as E from 'fp-ts/lib/Either.js'
import { isKeyName } from './state-key.ts'

/** Who calls a transaction. The peer has checked certificate and signature. */
export interface Caller extends Submitter {
  readonly role: Role
}

const refuse = (what: string): E.Either<BimsError, never> =>
  E.left(newError('role-refused', what, 'Enrol again, with one common name and with the attribute bims.role.'))

const commonName = (certificate: Uint8Array): string | undefined => {
  const subject: unknown = new X509Certificate(certificate).toLegacyObject().subject
  const name: unknown = typeof subject === 'object' && subject !== null ? Reflect.get(subject, 'CN') : undefined
  return typeof name === 'string' ? name : undefined
}

/** Who calls: mspId, enrolment id (`hf.EnrollmentID`, else the common name) and role (`bims.role`). Fails with `role-refused`. */
export const readCaller = (identity: Context['clientIdentity']): E.Either<BimsError, Caller> => {
  try {
    const attribute = (name: string): string | undefined => {
      const value: unknown = identity.getAttributeValue(name)
      return typeof value === 'string' ? value : undefined
    }
    const mspId = identity.getMSPID()
    const enrollmentId = attribute('hf.EnrollmentID') ?? commonName(identity.getIDBytes())
    if (enrollmentId === undefined || !isKeyName(enrollmentId))
      return refuse('The certificate names no usable enrolment id.')
    if (!isKeyName(mspId)) return refuse('The mspId of the identity cannot be used.')
    return E.right({ mspId, enrollmentId, role: parseRole(attribute('bims.role')) })
  } catch {
    return refuse('The certificate of the identity cannot be read.')
  }
}
