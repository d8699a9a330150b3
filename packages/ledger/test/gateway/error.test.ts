import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { errorText, newError } from '@bims/core'
import { gatewayError } from '../../src/gateway/error.ts'

const thrown = (name: string, code: number, message: string, details: readonly string[] = []): Error =>
  Object.assign(new Error(message), {
    name,
    code,
    details: details.map(text => ({ address: 'peer:1', mspId: 'Org1MSP', message: text }))
  })

describe('gatewayError', () => {
  it('finds the error of the chaincode in the details, whole', () => {
    const error = newError('role-refused', 'Müller "may" not {do} that', 'ask', {
      issues: [{ at: 'records/1', what: 'näh' }]
    })
    for (const around of [`chaincode response 500, ${errorText(error)}`, `${errorText(error)}, and {more}`])
      expect(gatewayError(thrown('EndorseError', 10, '10 ABORTED: failed to endorse', [around]))).toMatchObject(error)
    expect(
      gatewayError(
        thrown('GatewayError', 2, `2 UNKNOWN: evaluate call failed: chaincode response 500, ${errorText(error)}`)
      )
    ).toMatchObject(error)
  })

  // Texts as seen on real peers, see the notes on Fabric in the design.
  it.each([
    ['ledger-unreachable', 'EndorseError', 14, '14 UNAVAILABLE: No connection established', []],
    [
      'ledger-unreachable',
      'EndorseError',
      10,
      '10 ABORTED: failed to collect enough transaction endorsements',
      ['connection refused']
    ],
    ['ledger-unreachable', 'EndorseError', 9, '9 FAILED_PRECONDITION: no combination of peers can be derived', []],
    ['ledger-unreachable', 'SubmitError', 14, '14 UNAVAILABLE: no orderers could successfully process transaction', []],
    [
      'ledger-unreachable',
      'SubmitError',
      10,
      '10 ABORTED: x',
      ['received unsuccessful response: SERVICE_UNAVAILABLE -- no Raft leader']
    ],
    ['ledger-unreachable', 'EndorseError', 8, '8 RESOURCE_EXHAUSTED: the gateway is at its concurrency limit', []],
    ['ledger-timeout', 'CommitStatusError', 4, '4 DEADLINE_EXCEEDED: Deadline exceeded', []],
    ['transaction-too-large', 'EndorseError', 8, '8 RESOURCE_EXHAUSTED: Received message larger than max (5 vs 4)', []],
    [
      'transaction-too-large',
      'SubmitError',
      10,
      '10 ABORTED: x',
      ['BAD_REQUEST -- message payload is 9 bytes and exceeds maximum allowed 5 bytes']
    ],
    [
      'ledger-refused',
      'EndorseError',
      9,
      '9 FAILED_PRECONDITION: requires endorsement from organisation(s) that are not in the distribution policy',
      []
    ],
    [
      'ledger-refused',
      'EndorseError',
      10,
      '10 ABORTED: failed to endorse',
      ['error validating proposal: access denied: channel [c] creator org [o]']
    ],
    [
      'ledger-refused',
      'GatewayError',
      2,
      '2 UNKNOWN: evaluate call to endorser returned error: proposal client identity expired 1 ago',
      []
    ],
    ['ledger-refused', 'EndorseError', 10, '10 ABORTED: x', ['chaincode response 500, something else']]
  ] as const)('%s: %s %d %s', (code, name, grpc, message, details) => {
    expect(gatewayError(thrown(name, grpc, message, details)).code).toBe(code)
  })

  it('takes anything that is thrown', () => {
    fc.assert(fc.property(fc.anything(), cause => void gatewayError(cause)))
    expect(gatewayError(new Error('x')).code).toBe('unexpected')
  })
})
