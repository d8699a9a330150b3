import { fc, test } from '@fast-check/vitest'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { endorsementPolicy, type EndorsementPolicy } from '../../src/policies/endorsement-policy.ts'
import { parsePolicy, policyText } from '../../src/policies/policy-language.ts'

const organizations = ['Org1MSP', 'Org2MSP', 'Org3MSP']

const right = <A>(result: Either<unknown, A>): A => {
  if (isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const policyOf = (rule: string): EndorsementPolicy => right(endorsementPolicy(rule, organizations))

// The language's gates, and what they mean, written down a second time.
interface Drawn {
  readonly text: string
  readonly holds: (signers: ReadonlySet<string>) => boolean
}
const principal = fc
  .constantFrom(...organizations)
  .map((mspId): Drawn => ({ text: `'${mspId}.peer'`, holds: signers => signers.has(mspId) }))
const gate = fc
  .tuple(fc.uniqueArray(principal, { minLength: 1, maxLength: 3, selector: ({ text }) => text }), fc.nat(5))
  .chain(([of, n]) => {
    const texts = of.map(({ text }) => text)
    const count = (signers: ReadonlySet<string>): number => of.filter(({ holds }) => holds(signers)).length
    const needed = (n % of.length) + 1
    return fc.constantFrom<Drawn>(
      { text: `AND(${texts.join(',')})`, holds: signers => count(signers) === of.length },
      { text: `OR( ${texts.join(' , ')} )`, holds: signers => count(signers) > 0 },
      { text: `OutOf(${needed},${texts.join(', ')})`, holds: signers => count(signers) >= needed }
    )
  })

const subsets = organizations.reduce<readonly string[][]>((all, id) => [...all, ...all.map(set => [...set, id])], [[]])

describe('endorsement policies', () => {
  it('are read in either kind of quotes, as by Fabric', () => {
    expect(policyOf(`OR("Org1MSP.peer", 'Org2MSP.peer')`).rule).toBe(policyOf("OR('Org1MSP.peer','Org2MSP.peer')").rule)
  })

  test.prop([gate])('mean what their text says', drawn => {
    const policy = policyOf(drawn.text)
    for (const signers of subsets) expect(policy.holds(new Set(signers))).toBe(drawn.holds(new Set(signers)))
  })

  test.prop([gate, fc.constantFrom(...organizations)])(
    'are satisfied by whom they choose, and none is asked in vain',
    (drawn, first) => {
      const { endorsers, holds } = policyOf(drawn.text)
      const chosen = endorsers(first)
      expect(holds(new Set(chosen))).toBe(true)
      for (const one of chosen) expect(holds(new Set(chosen.filter(id => id !== one)))).toBe(false)
    }
  )

  test.prop([gate])('have one written form', drawn => {
    const text = policyText(right(parsePolicy(drawn.text)))
    expect(policyText(right(parsePolicy(text)))).toBe(text)
  })

  it.each(['any', 'majority', 'all'])('count with the rule %s', rule => {
    const needed = { any: 1, majority: 2, all: 3 }[rule]
    for (const signers of subsets) expect(policyOf(rule).holds(new Set(signers))).toBe(signers.length >= needed!)
  })

  it('count a signature for one principal only, so that nobody can satisfy what asks for two peers of one organisation', () => {
    expect(isLeft(endorsementPolicy("AND('Org1MSP.peer','Org1MSP.peer')", organizations))).toBe(true)
  })

  it.each([
    '',
    'AND',
    'AND(',
    'AND()',
    "AND('Org1MSP.peer'",
    "AND('Org1MSP.peer'))",
    "AND('Org1MSP.king')",
    "NOT('Org1MSP.peer')",
    "OutOf('Org1MSP.peer')",
    "OutOf(3,'Org1MSP.peer')",
    "AND('Org1MSP.peer';'Org2MSP.peer')",
    "AND('Org9MSP.peer')",
    `${'AND('.repeat(1000)}'Org1MSP.peer'${')'.repeat(1000)}`,
    'x'.repeat(1_000_000)
  ])('refuse what is none: %#', text => {
    expect(endorsementPolicy(text, organizations)).toMatchObject({ left: { code: 'usage' } })
  })

  test.prop([fc.string()])('never throw', text => {
    expect(isLeft(parsePolicy(text)) || isRight(parsePolicy(text))).toBe(true)
  })
})
