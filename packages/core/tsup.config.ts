import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({
  // The conditional import `#sha256` is resolved where the package is used: publishConfig.imports points it to these.
  conditional: { 'sha256-node': 'src/hash/sha256-node.ts', 'sha256-browser': 'src/hash/sha256-browser.ts' },
  external: ['#sha256'],
  bundled: ['canonicalize', '@atomic-ehr/ucum']
})
