import type { Certificate } from '@bims/core'
import type { Msp } from '../membership/msp.ts'
import type { ChannelConfig } from '../policy/channel-config.ts'

/** A root certificate that the auditor brings, and whose it is where that is known. */
export interface TrustedRoot {
  readonly certificate: Certificate
  readonly mspId?: string
}

/** What a configuration comes to beside the roots that the auditor brings. */
export interface TrustFinding {
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

const raw = (certificate: Certificate): string => Buffer.from(certificate.rawData).toString('latin1')

const isTrusted = (own: Msp, certificate: Certificate, trust: readonly TrustedRoot[]): boolean =>
  trust.some(
    ({ certificate: root, mspId }) => (mspId === undefined || mspId === own.mspId) && raw(root) === raw(certificate)
  )

const strangers = (own: Msp, trust: readonly TrustedRoot[]): boolean =>
  own.roots.length === 0 || own.roots.some(root => !isTrusted(own, root, trust))

/**
 * Compares the organisations of a configuration with the roots that the auditor brings. An organisation of the
 * application with another root is a problem; orderers of an organisation that was not brought are told.
 */
export const checkTrust = (config: ChannelConfig, trust: readonly TrustedRoot[]): TrustFinding => {
  if (trust.length === 0)
    return {
      problems: ['no root certificate was given: that the organisations are who they say is not known'],
      notes: []
    }
  const application = new Set(config.applicationOrganizations.values())
  const unknown = [...config.msps.values()].filter(own => strangers(own, trust))
  return {
    problems: unknown.flatMap(({ mspId }) =>
      application.has(mspId) ? [`the roots of the organisation ${mspId} are not among those that were given`] : []
    ),
    notes: unknown.flatMap(({ mspId }) =>
      application.has(mspId)
        ? []
        : [
            `the root of the orderers' organisation ${mspId} was taken from the chain itself: give it with --trust to have it checked too`
          ]
    )
  }
}
