/** How many organisations must endorse: any one, more than half, or all; Fabric's default is the majority. */
export type EndorsementRule = 'any' | 'majority' | 'all'

/** The number of organisations that a rule asks for, of so many. */
export const endorsementsNeeded = (rule: EndorsementRule, organizations: number): number => {
  if (rule === 'any') return 1
  return rule === 'all' ? organizations : Math.floor(organizations / 2) + 1
}

/** The organisations that are asked to endorse: the one that was called first, then the others in their order. */
export const endorsersFor = (rule: EndorsementRule, first: string, mspIds: readonly string[]): readonly string[] =>
  [first, ...mspIds.filter(id => id !== first)].slice(0, endorsementsNeeded(rule, mspIds.length))
