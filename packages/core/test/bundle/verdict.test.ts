import { describe, expect, it } from 'vitest'
import { checkNames, verdictOf, type Check, type CheckName } from '@bims/core'

type Status = Check['status']
const base = {
  pixels: 'pass',
  manifest: 'pass',
  redaction: 'pass',
  signature: 'pass',
  ledger: 'not-checked',
  receipt: 'not-checked'
} as const
const checksOf = (statuses: Partial<Record<CheckName, Status>>): readonly Check[] =>
  checkNames.map(name => ({ name, status: { ...base, ...statuses }[name], why: '' }))
const nothing = { macro: false, network: false, receipt: false }

describe('the verdict', () => {
  it.each<[string, Partial<Record<CheckName, Status>>, Partial<typeof nothing>, boolean, string]>([
    ['everything passes', {}, { macro: true }, true, 'verified'],
    ['there is no macro', { redaction: 'not-checked' }, {}, true, 'verified'],
    ['the macro was not looked at', { redaction: 'not-checked' }, { macro: true }, true, 'incomplete'],
    ['no root was given', { signature: 'not-checked' }, {}, false, 'incomplete'],
    ['the signature passes under no root', {}, {}, false, 'incomplete'],
    ['pixels were not looked at', { pixels: 'not-checked' }, {}, true, 'incomplete'],
    ['the manifest was not looked at', { manifest: 'not-checked' }, {}, true, 'incomplete'],
    ['a network was given and not asked', {}, { network: true }, true, 'incomplete'],
    ['the network knows the record', { ledger: 'pass' }, { network: true }, true, 'verified'],
    ['a receipt is there and was not looked at', {}, { receipt: true }, true, 'incomplete'],
    ['the receipt passes', { receipt: 'pass' }, { receipt: true }, true, 'verified'],
    ...checkNames.map(
      (name): [string, Partial<Record<CheckName, Status>>, Partial<typeof nothing>, boolean, string] => [
        `${name} fails`,
        { [name]: 'fail' },
        {},
        true,
        'failed'
      ]
    )
  ])('where %s', (_, statuses, expect_, under, verdict) => {
    const result = verdictOf(checksOf(statuses), { ...nothing, ...expect_ }, under)
    expect(result.verdict).toBe(verdict)
    expect(result.checks).toHaveLength(6)
  })

  it('without any check is incomplete', () => {
    expect(verdictOf([], nothing, false)).toEqual({ verdict: 'incomplete', trust: 'none', checks: [] })
  })

  it.each<[string, Status, boolean, boolean, string]>([
    ['two organisations endorse', 'pass', true, true, 'consortium'],
    ['two organisations endorse what nobody signed', 'not-checked', false, true, 'consortium'],
    ['a root is given', 'pass', true, false, 'single-party'],
    ['no root is given', 'not-checked', false, false, 'none'],
    ['a check fails', 'fail', true, true, 'none']
  ])('trusts, where %s', (_, signature, under, consortium, trust) => {
    expect(verdictOf(checksOf({ signature }), nothing, under, consortium).trust).toBe(trust)
  })
})
