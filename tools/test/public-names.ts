import { expect, it } from 'vitest'
import { readManifest, root } from '../workspace/packages.ts'

/**
 * One test for every entry point of a package: the names it exports, as kept in __snapshots__ beside the test. A lost
 * export is a broken user, and no other test would notice; `pnpm test PATH -u` renews the list.
 */
export const testPublicNames = (folder: string): void => {
  const { name, exports } = readManifest(`${root}${folder}/package.json`)
  const sources = Object.entries(exports).filter(([, source]) => source.endsWith('.ts'))
  it.each(sources)(`${name}: the names of %s`, async (_, source) => {
    const loaded = (await import(`${root}${folder}/${source}`)) as Readonly<Record<string, unknown>>
    expect(Object.keys(loaded).sort()).toMatchSnapshot()
  })
}
