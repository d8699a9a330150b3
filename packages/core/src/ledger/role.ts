/** What an identity may be, as its certificate's attribute `bims.role` says; any other value counts as `none`. */
export const roles = ['instrument', 'scientist', 'steward', 'auditor', 'none'] as const

/** Role of an identity in its organisation. */
export type Role = (typeof roles)[number]

/** Everything that a role can allow on the ledger. */
export const ledgerActions = [
  'submit-instrument',
  'submit-acquisition',
  'submit-macro',
  'submit-image',
  'supersede',
  'withdraw',
  'read-restricted',
  'share',
  'release',
  'purge',
  'attach',
  'merge',
  'read-public',
  'attest',
  'read-blocks'
] as const

/** One thing that a role can allow on the ledger. */
export type LedgerAction = (typeof ledgerActions)[number]

/**
 * How far an allowance reaches: never; to what the identity itself submitted; to what its organisation submitted;
 * to that and to what was shared with its organisation; to everything.
 */
export type Extent = 'never' | 'own-submissions' | 'own-organization' | 'own-organization-and-shared' | 'always'

/** How the thing that is acted on belongs to whoever acts. A submission that is just being made is the identity's own. */
export type Belonging = 'own-submission' | 'own-organization' | 'shared' | 'foreign'

const row = (
  instrument: Extent,
  scientist: Extent,
  steward: Extent,
  auditor: Extent,
  none: Extent
): Readonly<Record<Role, Extent>> => ({
  instrument,
  scientist,
  steward,
  auditor,
  none
})

/** The role table of the ledger: action → role → extent. A role counts only together with its mspId. */
export const roleTable: Readonly<Record<LedgerAction, Readonly<Record<Role, Extent>>>> = {
  'submit-instrument': row('never', 'never', 'own-organization', 'never', 'never'),
  'submit-acquisition': row('always', 'always', 'never', 'never', 'never'),
  'submit-macro': row('never', 'always', 'never', 'never', 'never'),
  'submit-image': row('never', 'always', 'never', 'never', 'never'),
  supersede: row('own-submissions', 'own-submissions', 'own-organization', 'never', 'never'),
  withdraw: row('own-submissions', 'own-submissions', 'own-organization', 'never', 'never'),
  'read-restricted': row(
    'own-submissions',
    'own-organization-and-shared',
    'own-organization-and-shared',
    'own-organization-and-shared',
    'never'
  ),
  share: row('never', 'own-submissions', 'own-organization', 'never', 'never'),
  release: row('never', 'own-submissions', 'own-organization', 'never', 'never'),
  purge: row('never', 'never', 'own-organization', 'never', 'never'),
  attach: row('own-submissions', 'own-submissions', 'own-submissions', 'never', 'never'),
  merge: row('always', 'always', 'always', 'never', 'never'),
  'read-public': row('always', 'always', 'always', 'always', 'always'),
  attest: row('always', 'always', 'always', 'always', 'always'),
  'read-blocks': row('always', 'always', 'always', 'always', 'always')
}

const reach: Readonly<Record<Extent, readonly Belonging[]>> = {
  never: [],
  'own-submissions': ['own-submission'],
  'own-organization': ['own-submission', 'own-organization'],
  'own-organization-and-shared': ['own-submission', 'own-organization', 'shared'],
  always: ['own-submission', 'own-organization', 'shared', 'foreign']
}

/** The role that a text names; `none` for anything that is no role. */
export const parseRole = (text: string | undefined): Role => roles.find(role => role === text) ?? 'none'

/** Tells whether a role may do something to a thing that belongs so. */
export const mayAct = (role: Role, action: LedgerAction, belonging: Belonging): boolean =>
  reach[roleTable[action][role]].includes(belonging)
