export { chooseBundle } from './bundle-place.ts'
export { containers, detectContainer } from './registry.ts'

export type { FoundBundle, FoundBundles } from './bundle-place.ts'
export type { LazyContainer } from './registry.ts'
