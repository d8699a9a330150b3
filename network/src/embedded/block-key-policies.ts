import type { KeyPolicies } from './endorsement-check.ts'
import type { NamespaceSet } from './read-write-set.ts'
import type { StateStore } from './state-store.ts'
import { keyPolicyOf } from './state-value.ts'

/** The policies of keys within a block under way. */
export interface BlockKeyPolicies extends KeyPolicies {
  /** Notes which keys' metadata an endorsed transaction of the block writes. */
  readonly change: (sets: readonly NamespaceSet[]) => void
}

/** Begins with the policies of keys as they stand before a block. */
export const newBlockKeyPolicies = (state: Pick<StateStore, 'get' | 'hasKeyPolicies'>): BlockKeyPolicies => {
  const changed = new Map<string, Set<string>>()
  return {
    has: namespace => state.hasKeyPolicies(namespace) || changed.has(namespace),
    of: (namespace, key) =>
      changed.get(namespace)?.has(key) === true ? 'changed' : keyPolicyOf(state.get(namespace, key)),
    change: sets => {
      for (const { metadata, namespace } of sets) {
        if (metadata === undefined) continue
        const keys = changed.get(namespace) ?? new Set()
        changed.set(namespace, keys)
        for (const key of metadata.keys()) keys.add(key)
      }
    }
  }
}
